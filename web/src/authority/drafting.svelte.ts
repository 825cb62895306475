// One draft as it is worked on: what stands here, the states before and after it, and what the register has.
import { answered, answeredWhole, client, NoAnswer, newKey, type Schemas } from "../api/client";
import { session } from "../signin/session.svelte";
import { at, type Content, type Draft, patchOf, put } from "./content";
import { EMPTY, type Tools, toolsOf } from "./tools";
import { en } from "./words.en";
import { nl } from "./words.nl";

interface State {
  content: Content;
  tools: Tools;
}
type Saved = "saved" | "waiting" | "saving" | "failed" | "stale";
interface Theirs {
  version: number;
  content: Content;
}

const SAVE_AFTER_MS = 600;
const MOST_STATES = 200;
const FIRST_NAME = "/items/0/feature/properties/name/0/text";
const UNTITLED: unknown[] = [en.newTitle, nl.newTitle, en.incidentTitle, nl.incidentTitle];

export class Drafting {
  draft = $state.raw<Draft>(null as unknown as Draft);
  now = $state.raw<State>({ content: {}, tools: EMPTY });
  past = $state.raw<State[]>([]);
  future = $state.raw<State[]>([]);
  saved = $state<Saved>("saved");
  /** What is handed on is changed on purpose: the first change takes it, and its approvals, back. */
  isUnlocked = $state(false);
  /** What was entered for a shape and refused, while another shape still stands: it is not what is meant. */
  refused = $state(false);
  problem = $state("");
  theirs = $state.raw<Theirs | null>(null);
  validation = $state.raw<Schemas["Validation"] | null>(null);
  impact = $state.raw<Schemas["ImpactOut"] | null>(null);

  #etag = "";
  #kept: Content = {};
  #lastKey = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #queue: Promise<void> = Promise.resolve();
  #key = newKey();

  get content(): Content {
    return this.now.content;
  }

  /** Whether the form takes changes: only a draft does; what is handed on is taken back first. */
  get isOpen(): boolean {
    const isHere = this.draft.state === "draft" || this.isUnlocked;
    return isHere && this.draft.your_steps.includes("edit") && this.saved !== "stale";
  }

  async read(id: string): Promise<void> {
    const { data, response } = await answeredWhole((signal) =>
      client.GET("/v1/drafts/{draft_id}", { params: { path: { draft_id: id } }, headers: session.headers, signal }),
    );
    this.#take(data, response.headers.get("ETag"));
    const content = data.content as Content;
    this.#kept = content;
    this.now = { content, tools: toolsOf(content.items?.[0]?.feature?.geometry ?? null) };
    this.past = this.future = [];
    this.theirs = null;
    this.saved = "saved";
    this.problem = "";
    await this.validate();
  }

  /** Put something at a pointer; typing on in the same field stays one step to undo. */
  set(pointer: string, what: unknown): void {
    let content = put(this.content, pointer, what);
    // A draft is called as its zone, until somebody calls it otherwise.
    if (pointer === FIRST_NAME && what && [at(this.content, FIRST_NAME), ...UNTITLED].includes(this.content.title)) content = put(content, "/title", what);
    this.change({ content }, pointer);
  }

  change(to: Partial<State>, key = ""): void {
    const joins = key !== "" && key === this.#lastKey && this.past.length > 0;
    if (!joins) this.past = [...this.past.slice(-MOST_STATES), this.now];
    this.#lastKey = key;
    this.future = [];
    this.now = { ...this.now, ...to };
    this.#later();
  }

  /** Let what is typed next in this field be a step of its own. */
  settle(): void {
    this.#lastKey = "";
  }

  undo(): void {
    const before = this.past.at(-1);
    if (!before) return;
    this.refused = false;
    this.future = [this.now, ...this.future];
    this.past = this.past.slice(0, -1);
    this.now = before;
    this.settle();
    this.#later();
  }

  redo(): void {
    const [next, ...rest] = this.future;
    if (!next) return;
    this.past = [...this.past, this.now];
    this.future = rest;
    this.now = next;
    this.settle();
    this.#later();
  }

  #later(): void {
    if (this.saved === "stale") return;
    clearTimeout(this.#timer);
    this.saved = "waiting";
    this.#timer = setTimeout(() => void this.save(), SAVE_AFTER_MS);
  }

  /** Bring what stands here to the register, until both are the same. */
  save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#queue = this.#queue.then(() => this.#send());
    return this.#queue;
  }

  async #send(): Promise<void> {
    if (!this.isOpen) return;
    const content = this.content;
    const body = patchOf(this.#kept, content);
    if (Object.keys(body).length === 0) {
      this.saved = "saved";
      return;
    }
    this.saved = "saving";
    try {
      const { data, response } = await answeredWhole((signal) =>
        client.PATCH("/v1/drafts/{draft_id}", {
          params: { path: { draft_id: this.draft.id }, header: { "if-match": this.#etag } },
          headers: { ...session.headers, "Idempotency-Key": this.#key },
          body,
          signal,
        }),
      );
      this.#key = newKey();
      this.#kept = content;
      this.impact = null;
      this.#take(data, response.headers.get("ETag"));
      this.problem = "";
      if (this.content === content) this.saved = "saved";
      else this.#later();
      await this.validate();
    } catch (error) {
      const { problem, kind } = error as NoAnswer;
      // The same key is for the same request: only what may have arrived is sent again with it.
      if (kind !== "offline") this.#key = newKey();
      this.problem = error instanceof NoAnswer ? error.message : String(error);
      this.saved = problem?.status === 412 ? "stale" : "failed";
      if (this.saved === "stale") this.theirs = (problem?.versions?.at(-1) as Theirs | undefined) ?? null;
    }
  }

  /** Say what is wrong with what the register has. */
  async validate(): Promise<void> {
    const params = { path: { draft_id: this.draft.id } };
    this.validation = await answered((signal) =>
      client.POST("/v1/drafts/{draft_id}/validation", { params, headers: session.headers, signal }),
    ).catch(() => null);
  }

  /** Say what publishing would change. */
  async weigh(): Promise<void> {
    const params = { path: { draft_id: this.draft.id } };
    this.impact = await answered((signal) =>
      client.POST("/v1/drafts/{draft_id}/impact", { params, headers: session.headers, body: { flights: [] }, signal }),
    );
  }

  /** Take a step with exactly what was seen here. */
  async step(step: "submission" | "confirmation" | "abandonment"): Promise<void> {
    const { data, response } = await answeredWhole((signal) =>
      client.POST(`/v1/drafts/{draft_id}/${step}`, { ...this.#write(), body: { digest: this.draft.digest }, signal }),
    );
    this.#take(data, response.headers.get("ETag"));
  }

  async review(verdict: Schemas["Opinion"], comment: string): Promise<void> {
    const body = { digest: this.draft.digest, verdict, ...(comment.trim() ? { comment } : {}) };
    const { data, response } = await answeredWhole((signal) =>
      client.POST("/v1/drafts/{draft_id}/reviews", { ...this.#write(), body, signal }),
    );
    this.#take(data, response.headers.get("ETag"));
  }

  async publish(): Promise<Schemas["PublishedOut"]> {
    const { data, response } = await answeredWhole((signal) =>
      client.POST("/v1/drafts/{draft_id}/publication", { ...this.#write(), body: { digest: this.draft.digest }, signal }),
    );
    this.#take(data.draft, response.headers.get("ETag"));
    return data;
  }

  #write() {
    return { params: { path: { draft_id: this.draft.id } }, headers: { ...session.headers, "Idempotency-Key": newKey() } };
  }

  #take(draft: Draft, etag: string | null): void {
    this.draft = draft;
    if (draft.state === "draft") this.isUnlocked = false;
    if (etag) this.#etag = etag;
  }
}

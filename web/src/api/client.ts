// The service, typed by its own description. A page shows what comes from here and decides nothing itself.
import createClient from "openapi-fetch";
import type { Readable } from "openapi-typescript-helpers";

import type { components, paths } from "../../generated/schema";

export type Schemas = { [Name in keyof components["schemas"]]: Readable<components["schemas"][Name]> };
export type Answer = Schemas["Answer"];
export type PlaceAnswer = Schemas["PlaceAnswer"];
export type Zone = Schemas["AppliesOut"];
export type Authority = Schemas["AuthorityOut"];
export type BothLanguages = Schemas["BothLanguages"];
export type PublishedText = Schemas["PublishedText"];
export type TimeOut = Schemas["TimeOut"];
export type LimitOut = Schemas["LimitOut"];
export type MissionAnswer = Schemas["MissionAnswer"];
export type Flight = Schemas["FlightOut"];
export type StatusQuestion = Schemas["StatusQuestion"];

export const client = createClient<paths>({ baseUrl: location.origin });

/** Why there is no answer: the network, or what the service says is wrong with the question. */
export class NoAnswer extends Error {
  constructor(
    readonly kind: "offline" | "refused" | "unavailable",
    message: string,
    readonly problem: Partial<Schemas["Problem"]> | null = null,
  ) {
    super(message);
  }
}

const SLOWEST_ANSWER_MS = 15_000;

type Call<T> = (signal: AbortSignal) => Promise<{ data?: T; error?: unknown; response: Response }>;

/** Return what a call returned. Throws NoAnswer with the service's own sentence where it refused. */
export async function answered<T>(call: Call<T>, stopped?: AbortSignal, slowest_ms?: number): Promise<T> {
  return (await answeredWhole(call, stopped, slowest_ms)).data;
}

/** The same with the response, for whoever needs its headers. */
export async function answeredWhole<T>(
  call: Call<T>,
  stopped?: AbortSignal,
  slowest_ms = SLOWEST_ANSWER_MS,
): Promise<{ data: T; response: Response }> {
  const slow = AbortSignal.timeout(slowest_ms);
  const signal = stopped ? AbortSignal.any([slow, stopped]) : slow;
  let said;
  try {
    said = await call(signal);
  } catch (error) {
    if (stopped?.aborted) throw error;
    throw new NoAnswer("offline", String(error));
  }
  if (said.data !== undefined) return { data: said.data, response: said.response };
  const problem = said.error as Partial<Schemas["Problem"]> | undefined;
  const sentence = problem?.errors?.[0]?.detail ?? problem?.detail ?? said.response.statusText;
  throw new NoAnswer(said.response.status >= 500 ? "unavailable" : "refused", sentence, problem ?? null);
}

/** A key of its own for a write: the same request with the same key is done once. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

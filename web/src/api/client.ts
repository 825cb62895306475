// The service, typed by its own description. A page shows what comes from here and decides nothing itself.
import createClient from "openapi-fetch";
import type { Readable } from "openapi-typescript-helpers";

import type { components, paths } from "../../generated/schema";

export type Schemas = { [Name in keyof components["schemas"]]: Readable<components["schemas"][Name]> };
export type Answer = Schemas["Answer"];
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
  ) {
    super(message);
  }
}

const SLOWEST_ANSWER_MS = 15_000;

/** Return what a call returned. Throws NoAnswer with the service's own sentence where it refused. */
export async function answered<T>(
  call: (signal: AbortSignal) => Promise<{ data?: T; error?: unknown; response: Response }>,
  stopped?: AbortSignal,
  slowest_ms = SLOWEST_ANSWER_MS,
): Promise<T> {
  const slow = AbortSignal.timeout(slowest_ms);
  const signal = stopped ? AbortSignal.any([slow, stopped]) : slow;
  let said;
  try {
    said = await call(signal);
  } catch (error) {
    if (stopped?.aborted) throw error;
    throw new NoAnswer("offline", String(error));
  }
  if (said.data !== undefined) return said.data;
  const problem = said.error as { detail?: string; errors?: { detail: string }[] } | undefined;
  const sentence = problem?.errors?.[0]?.detail ?? problem?.detail ?? said.response.statusText;
  throw new NoAnswer(said.response.status >= 500 ? "unavailable" : "refused", sentence);
}

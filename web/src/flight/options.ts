// What is said beside a mission file, and sending it.
import { answered, client, type MissionAnswer, type Schemas } from "../api/client";
import type { paths } from "../../generated/schema";
import { type Terms, UNSAID } from "./drawn";

export type Options = NonNullable<
  NonNullable<paths["/v1/flight-checks/file"]["post"]["requestBody"]>["content"]["multipart/form-data"]["options"]
>;

const SLOWEST_UPLOAD_MS = 90_000;

/** Return the options that the terms make, above those that answered a question. */
export function optionsOf(terms: Terms, said: Options): Options {
  const { height, reference, from, to, uas_class, buffer_m } = terms;
  return {
    ...said,
    ...(height === null ? {} : { heights: { upper: height, reference, uom: "m" as const } }),
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
    ...(uas_class === null ? {} : { operation: { uas_class } }),
    ...(buffer_m === null ? {} : { buffer_m }),
  };
}

/** Return the terms that are said by options: the height that answered a question stands in its field. */
export function termsWith(terms: Terms, heights: Schemas["Heights"] | null | undefined): Terms {
  return heights ? { ...terms, height: heights.upper ?? UNSAID.height, reference: heights.reference } : terms;
}

/** Send a file with what is said beside it, and return what it was taken to mean with the answer to each flight. */
export function asked(file: File, options: Options, stopped: AbortSignal): Promise<MissionAnswer> {
  const form = new FormData();
  form.set("file", file);
  form.set("options", JSON.stringify(options));
  const body = { file: "", options }; // described to the types; the form is what is sent
  return answered(
    (signal) => client.POST("/v1/flight-checks/file", { body, bodySerializer: () => form, signal }),
    stopped,
    SLOWEST_UPLOAD_MS,
  );
}

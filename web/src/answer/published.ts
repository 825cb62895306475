// The page's word for a restriction as published: the order and the icon of what does not apply rest on it, and no more.
import { MILDEST_FIRST } from "../map/palette";

/** Return the word for a type of ED-318; one that is not known is not dropped. */
export function wordOfPublished(type: string | null): string {
  if (type === "REQ_AUTHORIZATION") return "AUTHORIZATION_REQUIRED";
  if (type === "NO_RESTRICTION") return "INFORMATION";
  return MILDEST_FIRST.includes(type ?? "") ? type! : "UNRECOGNISED";
}

// The words of this page in the language that is read; what all pages say is in ../words.
import { spoken } from "../words/spoken.svelte";
import { type AuthorityWords, en } from "./words.en";
import { nl } from "./words.nl";

const WORDS: Record<"en" | "nl", AuthorityWords> = { en, nl };

export const said = {
  get a(): AuthorityWords {
    return WORDS[spoken.language];
  },
};

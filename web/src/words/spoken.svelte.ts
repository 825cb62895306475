// The language that the pages are read in: the one chosen before, else the browser's, else English.
import type { BothLanguages, PublishedText } from "../api/client";
import { en, type Words } from "./en";
import { nl } from "./nl";

export type Language = "en" | "nl";

const WORDS: Record<Language, Words> = { en, nl };
const KEPT = "language";

function first(): Language {
  const chosen = localStorage.getItem(KEPT);
  if (chosen === "en" || chosen === "nl") return chosen;
  return navigator.languages.map((each) => each.slice(0, 2)).find((each) => each in WORDS) as Language ?? "en";
}

class Spoken {
  language = $state<Language>(first());
  readonly t = $derived(WORDS[this.language]);

  constructor() {
    document.documentElement.lang = this.language;
  }

  choose(language: Language): void {
    this.language = language;
    localStorage.setItem(KEPT, language);
    document.documentElement.lang = language;
  }

  /** A text of the service. */
  both(text: BothLanguages): string {
    return text[this.language];
  }

  /** The published texts to show: those in the language read, else all of them. They are never translated. */
  published(texts: readonly PublishedText[]): readonly PublishedText[] {
    const own = texts.filter((each) => each.lang?.toLowerCase().startsWith(this.language));
    return own.length > 0 ? own : texts;
  }

  /** One published name, or what stands in for it. */
  name(texts: readonly PublishedText[], otherwise: string): string {
    return this.published(texts)[0]?.text ?? otherwise;
  }
}

export const spoken = new Spoken();

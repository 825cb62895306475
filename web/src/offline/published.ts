// What was stored of a zone, in the pages' words. Of its times only its dates are compared with the clock.
import { spoken } from "../words/spoken.svelte";
import { moment, span } from "../words/times";

/** A period of ED-318's `limitedApplicability`: its dates and its weekly times. */
export interface Period {
  startDateTime?: string;
  endDateTime?: string;
  schedule?: Row[];
}

interface Row {
  day: string[];
  startTime?: string;
  startEvent?: string;
  endTime?: string;
  endEvent?: string;
}

const DAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

/** A date with its offset, in milliseconds; without one it may be any of a day. */
function exactly(date: string | undefined): number | null {
  if (date === undefined || !/(Z|[+-]\d\d:?\d\d)$/.test(date)) return null;
  const at = Date.parse(date);
  return Number.isNaN(at) ? null : at;
}

/** Where all its periods are over, since when; or where none has begun and one is to come, from when. Else nothing is said. */
export function standing(periods: readonly Period[] | null, now_ms: number): { over: string } | { next: string } | null {
  if (!periods || periods.length === 0) return null;
  const told = periods.map(({ startDateTime, endDateTime }) => ({ start: exactly(startDateTime), end: exactly(endDateTime) }));
  const toCome = told.filter(({ end }) => end === null || end >= now_ms);
  const written = (at: number) => new Date(at).toISOString();
  if (toCome.length === 0) return { over: written(Math.max(...told.map(({ end }) => end!))) };
  const starts = toCome.map(({ start }) => start ?? -Infinity);
  return starts.every((start) => start > now_ms) ? { next: written(Math.min(...starts)) } : null;
}

/** When it is in force, as published; null is always. */
export function times(periods: readonly Period[] | null): string {
  const s = spoken.t.stored;
  if (!periods) return s.always;
  return periods.length === 0 ? s.never : periods.map(period).join(s.or);
}

function period({ startDateTime: start, endDateTime: end, schedule }: Period): string {
  const s = spoken.t.stored;
  const dates = start && end ? span(start, end) : start ? s.from(moment(start)) : end ? s.until(moment(end)) : "";
  return [dates, (schedule ?? []).map(weekly).join("; ")].filter(Boolean).join(", ") || s.always;
}

function weekly(row: Row): string {
  const s = spoken.t.stored;
  const isEveryDay = DAYS.every((day) => row.day.includes(day) || row.day.includes("ANY"));
  const name = new Intl.DateTimeFormat(spoken.language === "nl" ? "nl-NL" : "en-GB", { weekday: "short", timeZone: "UTC" });
  const days = isEveryDay ? s.everyDay : row.day.map((day) => (DAYS.includes(day) ? name.format(MONDAY + DAYS.indexOf(day) * DAY_MS) : day)).join(" ");
  const end = (event?: string, time?: string) => (event && (s.events[event] ?? event)) || clock(time ?? "");
  const [from, to] = [end(row.startEvent, row.startTime), end(row.endEvent, row.endTime)];
  return from || to ? `${days} ${from} – ${to}` : days;
}

function clock(published: string): string {
  const [, time, offset] = /^(\d\d:\d\d(?::(?!00)\d\d)?)(?::00)?(?:\.0+)?(Z|[+-]\d\d:?\d\d)?$/.exec(published) ?? [];
  if (time === undefined) return published;
  return offset === "Z" ? spoken.t.utc(time) : offset ? `${time} (UTC${offset})` : time;
}

/** Whom to ask, with the coded words of the export said; what is not recognised stays as it is. */
export function whom(published: string): string {
  const s = spoken.t.stored;
  const each = (authority: string): string => {
    const [first = "", ...others] = authority.split(", ");
    const said = [...others];
    const before = said.length > 0 ? duration(said.at(-1)!) : null;
    if (before) said[said.length - 1] = s.before(before);
    const purpose = s.purposes[first];
    return purpose ? `${purpose}: ${said.join(", ")}` : [first, ...said].join(", ");
  };
  return published.split("; ").map(each).join("; ");
}

function duration(iso: string): string | null {
  const [all, weeks, days, hours, minutes] = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(iso) ?? [];
  if (all === undefined) return null;
  const s = spoken.t.stored;
  const whole = Number(weeks ?? 0) * 7 + Number(days ?? 0);
  return [whole ? s.days(whole) : "", hours ? s.hours(Number(hours)) : "", minutes ? `${Number(minutes)} min` : ""].filter(Boolean).join(" ");
}

// Moments and heights in words. Local time is the zone's where the service says it, else the reader's own.
import type { LimitOut, TimeOut } from "../api/client";
import { spoken } from "./spoken.svelte";

const DAY: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };
const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hour12: false };

function said(at: Date, options: Intl.DateTimeFormatOptions): string {
  const tag = spoken.language === "nl" ? "nl-NL" : "en-GB";
  return new Intl.DateTimeFormat(tag, options).format(at);
}

/** A moment with both clocks: “Fri 14 Mar 13:20 (12:20 UTC)”. The year stands where it is not this one. */
export function moment(time: TimeOut | string): string {
  const at = new Date(typeof time === "string" ? time : time.utc);
  const timeZone = typeof time === "string" ? undefined : (time.time_zone ?? undefined);
  const year: Intl.DateTimeFormatOptions =
    at.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
  const utcDay = said(at, { ...DAY, timeZone: "UTC" }) === said(at, { ...DAY, timeZone }) ? {} : DAY;
  const utc = said(at, { ...utcDay, ...CLOCK, timeZone: "UTC" });
  const local = `${said(at, { ...DAY, ...year, timeZone })} ${said(at, { ...CLOCK, timeZone })}`;
  return `${local} (${spoken.t.utc(utc)})`;
}

/** A limit as published, and above the ground here: “3000 ft AMSL (794–924 m above ground here)”. */
export function limit(of: LimitOut | null, otherwise: string): string {
  if (of === null) return otherwise;
  const published = `${of.published} ${of.uom} ${of.reference}`;
  if (of.reference === "AGL" && of.uom === "m") return published;
  const [low, high] = of.above_ground_here_m.map((each) => Math.round(each));
  return `${published} (${low === high ? low : `${low}–${high}`} m AGL)`;
}

/** A date and time of a form, on the reader's clock, as the service wants it: with its offset. */
export function fromForm(local: string): string | null {
  const at = new Date(local);
  return local === "" || Number.isNaN(at.getTime()) ? null : at.toISOString().replace(".000Z", "Z");
}

/** The reverse, for a form's field. */
export function toForm(at: string | null): string {
  if (at === null) return "";
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

// Moments and heights in words. Local time is the zone's where the service says it, else the reader's own.
import type { LimitOut, TimeOut } from "../api/client";
import { spoken } from "./spoken.svelte";

const DAY: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };
const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hour12: false };

function said(at: Date, options: Intl.DateTimeFormatOptions): string {
  const tag = spoken.language === "nl" ? "nl-NL" : "en-GB";
  return new Intl.DateTimeFormat(tag, options).format(at);
}

/** A moment as a date; the last instant of a stretch, a hair before a full second, is that second. */
function dateOf(time: TimeOut | string): Date {
  const at = new Date(typeof time === "string" ? time : time.utc);
  return at.getMilliseconds() === 999 ? new Date(at.getTime() + 1) : at;
}

/** A number as the language writes it, with so many digits after the point at most. */
export function number(value: number, digits = 3): string {
  return new Intl.NumberFormat(spoken.language === "nl" ? "nl-NL" : "en-GB", { maximumFractionDigits: digits }).format(value);
}

/** A moment with both clocks: “Fri 14 Mar 13:20 (12:20 UTC)”. The year stands where it is not this one. */
export function moment(time: TimeOut | string): string {
  const at = dateOf(time);
  const timeZone = typeof time === "string" ? undefined : (time.time_zone ?? undefined);
  const year: Intl.DateTimeFormatOptions =
    at.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
  const utcDay = said(at, { ...DAY, timeZone: "UTC" }) === said(at, { ...DAY, timeZone }) ? {} : DAY;
  const utc = said(at, { ...utcDay, ...CLOCK, timeZone: "UTC" });
  const local = `${said(at, { ...DAY, ...year, timeZone })} ${said(at, { ...CLOCK, timeZone })}`;
  return `${local} (${spoken.t.utc(utc)})`;
}

/** A stretch of time with both clocks: “Tue 1 Dec 10:00 – 10:20 (09:00 – 09:20 UTC)”, in full where it runs past midnight. */
export function span(from: TimeOut | string, to: TimeOut | string): string {
  const [start, end] = [from, to].map(dateOf) as [Date, Date];
  if (start.getTime() === end.getTime()) return moment(from);
  const timeZone = typeof from === "string" ? undefined : (from.time_zone ?? undefined);
  const days = (zone: string | undefined) => new Set([start, end].map((each) => said(each, { ...DAY, year: "numeric", timeZone: zone })));
  if (new Set([...days(timeZone), ...days("UTC")]).size > 1) return `${moment(from)} – ${moment(to)}`;
  const clocks = (zone: string | undefined) => [start, end].map((each) => clock(each, zone)).join(" – ");
  const year: Intl.DateTimeFormatOptions = start.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
  return `${said(start, { ...DAY, ...year, timeZone })} ${clocks(timeZone)} (${spoken.t.utc(clocks("UTC"))})`;
}

/** The time of day, in a time zone. */
export function clock(at: Date, timeZone: string | undefined): string {
  return said(at, { ...CLOCK, timeZone });
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

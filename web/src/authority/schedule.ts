// The weekly times of a period as a grid of hours and back, and a period without one of its days. When a zone is in
// force is said by the service; here the same times are only written in another way.
import type { Daily } from "./content";

export const DAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"] as const;
const HOURS = 24;
const WEEK = DAYS.length * HOURS;

/** One entry of ED-318's `limitedApplicability`: its dates and its weekly times. */
export interface Period {
  startDateTime?: string;
  endDateTime?: string;
  schedule?: Daily[];
}

const CLOCK = /^(\d\d):(\d\d)(?::\d\d(?:\.\d+)?)?Z$/;
const WHOLE_HOUR = /^\d\d:00(?::00(?:\.0+)?)?Z$/;
export const isOn = (row: Daily, day: string): boolean => row.day.includes(day) || row.day.includes("ANY");

/** Whether a row is from one whole hour of UTC to another: the others are not on the grid. */
export const onGrid = (row: Daily): boolean =>
  !row.startEvent && !row.endEvent && WHOLE_HOUR.test(row.startTime ?? "") && WHOLE_HOUR.test(row.endTime ?? "");

export type Cell = "" | "on" | "part";
/** A day and an hour as the number of the hour in its week, from Monday 00:00 UTC. */
export const cell = (day: number, hour: number): number => day * HOURS + hour;

/** Each hour of the week: on by a whole hour, or met in part by a row that is not on the grid. */
export function cellsOf(rows: Daily[]): Cell[] {
  const cells = Array<Cell>(WEEK).fill("");
  for (const row of [...rows].sort((a, b) => Number(onGrid(a)) - Number(onGrid(b)))) {
    const [start, end] = [row.startTime, row.endTime].map((time) => CLOCK.exec(time ?? ""));
    if (row.startEvent || row.endEvent || !start || !end) continue;
    const [from, to] = [start, end].map((time) => Number(time[1]) * 60 + Number(time[2])) as [number, number];
    const minutes = to > from ? to - from : to - from + HOURS * 60;
    DAYS.forEach((day, n) => {
      if (!isOn(row, day)) return;
      const first = n * HOURS + Math.floor(from / 60);
      const last = n * HOURS + Math.ceil((from + minutes) / 60);
      for (let hour = first; hour < last; hour++) cells[hour % WEEK] = onGrid(row) ? "on" : "part";
    });
  }
  return cells;
}

const time = (hour: number): string => `${String(hour % HOURS).padStart(2, "0")}:00:00Z`;

/** The rows that mean the hours that are on: one for each stretch, days with the same one together. */
export function rowsOf(cells: readonly Cell[]): Daily[] {
  const on = (hour: number) => cells[(hour + WEEK) % WEEK] === "on";
  if (cells.every((each) => each === "on")) return [{ day: ["ANY"], startTime: time(0), endTime: time(0) }];
  const days = new Map<string, Set<number>>();
  const add = (from: number, to: number) => {
    const key = `${time(from)}/${time(to)}`;
    days.set(key, (days.get(key) ?? new Set()).add(Math.floor(from / HOURS) % DAYS.length));
  };
  for (let start = 0; start < WEEK; start++) {
    if (!on(start) || on(start - 1)) continue;
    let end = start;
    while (on(end)) end++;
    // A turn takes a day at most: a longer stretch is divided at midnight.
    if (end - start <= HOURS) add(start, end);
    else for (let from = start; from < end; from = Math.min(end, (Math.floor(from / HOURS) + 1) * HOURS)) add(from, Math.min(end, (Math.floor(from / HOURS) + 1) * HOURS));
  }
  return [...days].map(([key, on]) => {
    const [startTime = "", endTime = ""] = key.split("/");
    const day = on.size === DAYS.length ? ["ANY"] : DAYS.filter((_, n) => on.has(n));
    return { day: [...day], startTime, endTime };
  });
}

const written = (at: Date): string => at.toISOString().replace(".000Z", "Z");

/** A period in what is left of it without a span: one, two or none. */
export function without(period: Period, from: Date, to: Date): Period[] {
  const [start, end] = [Date.parse(period.startDateTime ?? ""), Date.parse(period.endDateTime ?? "")];
  if (start >= to.getTime() || end <= from.getTime()) return [period];
  const before = start >= from.getTime() ? [] : [{ ...period, endDateTime: written(from) }];
  const after = end <= to.getTime() ? [] : [{ ...period, startDateTime: written(to) }];
  return [...before, ...after];
}

const YEARS_BY_CLOCK = 5;
const MINUTE_MS = 60_000;
const MINUTES_A_DAY = HOURS * 60;

/** By how many minutes the clock here is ahead of UTC. */
const aheadAt = (at: number): number => -new Date(at).getTimezoneOffset();

/** When the clock here changes between two moments, each a whole minute of UTC, as every change is. */
function clockChanges(from: number, to: number): number[] {
  const found: number[] = [];
  const [first, last] = [from, to].map((each) => Math.floor(each / MINUTE_MS)) as [number, number];
  const ahead = (minute: number) => aheadAt(minute * MINUTE_MS);
  for (let day = first; day < last; day += MINUTES_A_DAY) {
    let [before, after] = [day, Math.min(day + MINUTES_A_DAY, last)];
    if (ahead(before) === ahead(after)) continue;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (ahead(middle) === ahead(before)) before = middle;
      else after = middle;
    }
    found.push(after * MINUTE_MS);
  }
  return found;
}

/** A row as many minutes of UTC later; where its start passes midnight its days do too. */
function later(row: Daily, minutes: number): Daily {
  const moved = (time: string | undefined): [string | undefined, number] => {
    const clock = CLOCK.exec(time ?? "");
    if (!clock) return [time, 0];
    const at = Number(clock[1]) * 60 + Number(clock[2]) + minutes;
    const days = Math.floor(at / MINUTES_A_DAY);
    const [hour, minute] = [Math.floor(at / 60) - days * HOURS, ((at % 60) + 60) % 60];
    return [`${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}${time?.slice(5) ?? ""}`, days];
  };
  const [startTime, days] = moved(row.startTime);
  const [endTime] = moved(row.endTime);
  const day = DAYS.filter((_, n) => isOn(row, DAYS[(n - days + DAYS.length) % DAYS.length] as string));
  const times = { ...(startTime ? { startTime } : {}), ...(endTime ? { endTime } : {}) };
  return { ...row, ...times, day: row.day.includes("ANY") ? row.day : [...day] };
}

export const hasClock = (period: Period): boolean => (period.schedule ?? []).some((row) => CLOCK.test(row.startTime ?? "") || CLOCK.test(row.endTime ?? ""));

/**
 * A period as several that keep to the clock here as it shows the period's times now: one for each stretch of winter or
 * summer time in five years. Where the period has no end, neither has the last one: there the times of winter and of
 * summer both apply, so that it is never in force for less than is meant.
 */
export function byClock(period: Period, now: Date): Period[] {
  const { startDateTime, endDateTime } = period;
  const start = Math.max(Date.parse(startDateTime ?? "") || 0, now.getTime());
  const until = new Date(now.getFullYear() + YEARS_BY_CLOCK, now.getMonth(), now.getDate()).getTime();
  const end = Date.parse(endDateTime ?? "") || Number.POSITIVE_INFINITY;
  const changes = clockChanges(start, Math.min(until, end)).filter((each) => each > start && each < end);
  const meant = aheadAt(now.getTime());
  const rowsAt = (at: number) => (period.schedule ?? []).map((row) => (aheadAt(at) === meant ? row : later(row, meant - aheadAt(at))));
  const starts = [start, ...changes];
  return starts.map((from, n) => {
    const to = changes[n];
    const first = n === 0 ? startDateTime : written(new Date(from));
    const last = to === undefined ? endDateTime : written(new Date(to));
    const rows = [...rowsAt(from), ...(last === undefined && n > 0 ? rowsAt(starts[n - 1] as number) : [])];
    const schedule = rows.filter((row, m) => rows.findIndex((each) => JSON.stringify(each) === JSON.stringify(row)) === m);
    return { ...(first ? { startDateTime: first } : {}), ...(last ? { endDateTime: last } : {}), schedule };
  });
}

/** From when on a zone's periods have both the times of winter and those of summer, without an end; null if they never do. */
export function bothClocksFrom(periods: Period[]): string | null {
  const [summer, winter, last] = periods.slice(-3);
  if (!last?.startDateTime || last.endDateTime || winter?.endDateTime !== last.startDateTime || summer?.endDateTime !== winter.startDateTime) return null;
  const has = (row: Daily) => (last.schedule ?? []).some((each) => JSON.stringify(each) === JSON.stringify(row));
  return [...(summer?.schedule ?? []), ...(winter.schedule ?? [])].every(has) ? last.startDateTime : null;
}

/** The day of a form's date field on the reader's clock, from its midnight to the next one. */
export function dayOf(date: string): [Date, Date] | null {
  const [year, month, day] = date.split("-").map(Number) as [number, number, number];
  const from = new Date(year, month - 1, day);
  return Number.isNaN(from.getTime()) ? null : [from, new Date(year, month - 1, day + 1)];
}

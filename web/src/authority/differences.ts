// What differs between two contents or zones, in the words of the form. It is for reading: the register decides nothing by it.
import { spoken } from "../words/spoken.svelte";
import { moment } from "../words/times";
import { at, type Content, type Daily, type Item, type Shape, type Text } from "./content";
import { partsOf } from "./layers";
import { DAYS, isOn, type Period } from "./schedule";
import { written } from "./tools";
import { said } from "./words.svelte";

export interface Difference {
  label: string;
  before: string;
  after: string;
}
/** What is said of something, and where words are not enough to tell two apart, what does. */
type Said = [label: string, value: string, exactly?: string];
const WHOLE_MINUTE = /^\d\d:\d\d(:00(\.0+)?)?Z$/;
type Feature = NonNullable<Item["feature"]>;

const texts = (value: unknown): string =>
  ((value as Text[] | undefined) ?? []).filter((each) => each.text).map((each) => (each.lang ? `${each.text} (${each.lang})` : each.text)).join("; ");

function limit(feature: Feature | undefined, end: "lower" | "upper"): string {
  const isSurface = ({ layer }: Shape) => end === "lower" && (layer?.lower === undefined || (Number(layer.lower) === 0 && layer.lowerReference !== "AMSL" && layer.lowerReference !== "WGS84"));
  const words = (shape: Shape) => {
    if (isSurface(shape)) return said.a.life.surface;
    const { layer } = shape;
    return layer?.[end] === undefined ? "" : `${layer[end]} ${layer.uom ?? "m"} ${layer[`${end}Reference`] ?? ""}`;
  };
  return partsOf(feature?.geometry).map(words).filter(Boolean).join("; ");
}

function times(value: unknown): string {
  const a = said.a;
  const clock = (time: string) => (WHOLE_MINUTE.test(time) ? `${time.slice(0, 5)} UTC` : time);
  const end = (row: Daily, which: "start" | "end") => a.events[row[`${which}Event`] ?? ""] ?? clock(row[`${which}Time`] ?? "");
  const days = (row: Daily) => (DAYS.every((day) => isOn(row, day)) ? a.life.everyDay : DAYS.filter((day) => isOn(row, day)).map((day) => a.dayNames[day]).join(" "));
  const dates = ({ startDateTime: from, endDateTime: to }: Period) => (from || to ? a.fromTo(from ? moment(from) : "…", to ? moment(to) : "…") : "");
  const week = (period: Period) => (period.schedule ?? []).map((row) => `${days(row)} ${end(row, "start")}–${end(row, "end")}`).join(", ");
  return ((value as Period[] | undefined) ?? []).map((period) => [dates(period), week(period)].filter(Boolean).join(": ")).join("; ");
}

function authority(value: unknown): string {
  const each = value as Record<string, unknown>;
  return [texts(each["name"]), said.a.purposes[String(each["purpose"])], each["phone"], each["email"], each["siteURL"], each["intervalBefore"]].filter(Boolean).join(", ");
}

function ofFeature(feature: Feature | undefined): Said[] {
  const a = said.a;
  const of = (member: string) => feature?.properties[member];
  const words = (value: unknown, names: Record<string, string>) => (value === undefined ? "" : (names[String(value)] ?? String(value)));
  return [
    [a.name, texts(of("name"))],
    [a.type, words(of("type"), a.types)],
    [a.lower, limit(feature, "lower")],
    [a.upper, limit(feature, "upper")],
    [a.schedule, times(of("limitedApplicability"))],
    [a.reasons, ((of("reason") as string[] | undefined) ?? []).map((each) => spoken.t.becauseOf[each] ?? each).join(", ")],
    [a.conditions, [of("restrictionConditions") ?? []].flat().join("; ")],
    [a.message, texts(of("message"))],
    [a.authority, ((of("zoneAuthority") as unknown[] | undefined) ?? []).map(authority).join("; ")],
  ];
}

function ofContent(content: Content): Said[] {
  const a = said.a;
  const items = content.items ?? [];
  const whole: Said[] = [[a.draftTitle, content.title ?? ""], [a.legal, content.legal_reference ?? ""], [a.dataSet, content.data_set ?? ""], [a.reason, content.reason ?? ""]];
  return [
    ...whole,
    ...items.flatMap((item): Said[] => [
      [a.identifier, String(at(item, "/feature/properties/identifier") ?? item.identifier ?? "")],
      [a.when, a.fromTo(item.valid?.from ? moment(item.valid.from) : "…", item.valid?.to ? moment(item.valid.to) : "…")],
      ...ofFeature(item.feature),
      outline(item.feature),
    ]),
  ];
}

function compared(before: Said[], after: Said[]): Difference[] {
  const longest = before.length > after.length ? before : after;
  return longest
    .map(([label], n) => ({ label, n, before: before[n]?.[1] ?? "", after: after[n]?.[1] ?? "" }))
    .filter(({ n, before: was, after: is }) => (before[n]?.[2] ?? was) !== (after[n]?.[2] ?? is))
    .map(({ label, before: was, after: is }) => ({ label, ...apart(was, is) }))
    .map(({ label, before: was, after: is }) => ({ label, before: was, after: was === is ? `${is} (${said.a.life.otherPoints})` : is }));
}

const LONG = 200;
/** Two long lists without what stands in both, so that what differs is not cut off. */
function apart(before: string, after: string): { before: string; after: string } {
  const [was, is] = [before.split("; "), after.split("; ")];
  const alike = was.filter((each) => is.includes(each)).length;
  if (alike === 0 || Math.max(before.length, after.length) < LONG) return { before, after };
  const without = (all: string[], other: string[]) => [...all.filter((each) => !other.includes(each)), said.a.life.sameParts(alike)].join("; ");
  return { before: without(was, is), after: without(is, was) };
}

/** A zone's parts in words, told apart to the last digit. */
function outline(feature: Feature | undefined): Said {
  const a = said.a;
  const parts = partsOf(feature?.geometry);
  const points = ({ coordinates }: Shape) => (JSON.stringify(coordinates ?? []).match(/\[-?\d/g) ?? []).length;
  const of = (shape: Shape) => (shape.extent ? a.circleOf(`${shape.extent.radius} m`, written(shape.coordinates as number[])) : a.life.shapeOf(a.life.shapes[shape.type] ?? shape.type, points(shape)));
  return [a.shape, parts.map(of).join(" "), JSON.stringify(parts.map(({ type, coordinates, extent }) => [type, coordinates, extent]))];
}

/** Circles in words; how any other shape differs is said in areas, by the service. */
function circles(feature: Feature): Said {
  const said_ = ({ extent, coordinates }: Shape) => (extent ? said.a.circleOf(`${extent.radius} m`, written(coordinates as number[])) : "");
  return [said.a.shape, partsOf(feature.geometry).map(said_).filter(Boolean).join(" ")];
}

export const betweenFeatures = (before: Feature, after: Feature): Difference[] => compared([...ofFeature(before), circles(before)], [...ofFeature(after), circles(after)]);
export const betweenContents = (before: Content, after: Content): Difference[] => compared(ofContent(before), ofContent(after));

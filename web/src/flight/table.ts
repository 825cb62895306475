// The columns of a table of points, as its first row names them: for a person to say which is what.

/** What a column may be, as the service names it. */
export const FIELDS = ["lat", "lon", "height_agl", "height_amsl", "height_takeoff", "height_wgs84", "height", "time", "flight"] as const;
export type Field = (typeof FIELDS)[number];

const HEAD_BYTES = 65_536;
const MOST_COLUMNS = 200;

/** Return the names in the first row of a file that looks like a table, else none. The service reads it by its own rules. */
export async function columnNames(file: File): Promise<string[]> {
  const head = (await file.slice(0, HEAD_BYTES).text()).replace(/^\uFEFF/, "");
  const lines = head.split(/\r?\n/).filter((line) => line.trim() !== "" && !/^\s*sep=/.test(line));
  const first = lines[0] ?? "";
  if (lines.length < 2 || /^\s*[{[<]/.test(first) || first.startsWith("QGC ") || first.includes("\u0000")) return [];
  const mark = [";", "\t", ","].find((each) => first.split(each).length > 1);
  if (mark === undefined) return [];
  const names = first.split(mark).map((name) => name.trim().replace(/^"(.*)"$/, "$1").trim());
  return names.filter((name) => name !== "").slice(0, MOST_COLUMNS);
}

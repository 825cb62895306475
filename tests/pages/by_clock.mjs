// Print what the page makes of periods that are to keep to the clock of TZ: JSON in, [{period, now}, ...], and JSON out.
import { byClock } from "../../web/src/authority/schedule.ts";

let given = "";
for await (const part of process.stdin) given += part;
process.stdout.write(JSON.stringify(JSON.parse(given).map(({ period, now }) => byClock(period, new Date(now)))));

// Times as ISO 8601, read strictly: Date.parse makes March 2nd of February 30th, and a year of any number.
const isoTime =
  /^(?<date>\d{4}-\d\d-\d\d)(?:[T ](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d(?:\.\d{1,9})?))?(?<zone>Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/** Milliseconds since 1970; undefined for what is no time. A time that names no zone is in UTC, wherever the server is. */
export function parseIsoTime(text: string): number | undefined {
  const { date, hour = "00", minute = "00", second = "00", zone = "Z" } = isoTime.exec(text)?.groups ?? {};
  if (date === undefined || new Date(`${date}T00:00:00Z`).toJSON()?.slice(0, 10) !== date) return undefined;
  const [, sign, hours, minutes = "00"] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  const at = Date.parse(`${date}T${hour}:${minute}:${second}${sign ? `${sign}${hours}:${minutes}` : "Z"}`);
  return Number.isNaN(at) ? undefined : at;
}

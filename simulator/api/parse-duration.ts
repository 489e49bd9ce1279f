const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 24 * 3_600_000 };

/** Milliseconds of `500ms`, `30s`, `5m`, `6h`, `2d`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  return number === undefined || unit === undefined ? undefined : Number(number) * units[unit]!;
}

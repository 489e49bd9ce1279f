// NPS on the pages: a score's colour always comes with its number and word.
import { Badge, Box, Group, Progress, Text } from "@mantine/core";
import { formatNumber } from "./format.ts";

export type Scored = { score: number | null; answers: number; promoters: number; passives: number; detractors: number };

/** One answer, from 0 to 10. */
export function ScoreBadge({ score, size = "md" }: { score: number | null; size?: "sm" | "md" | "lg" }) {
  if (score === null)
    return (
      <Text span c="dimmed">
        –
      </Text>
    );
  const color = score >= 9 ? "green" : score >= 7 ? "yellow" : "red";
  return (
    <Badge
      color={color}
      variant="light"
      size={size}
      radius="sm"
      circle={false}
      // Mantine's own leaves no room for a 10 beside an answer.
      px={8}
      className="number"
      aria-label={`Score ${score}, ${nameBand(score)}`}
    >
      {score}
    </Badge>
  );
}

function nameBand(score: number): string {
  return score >= 9 ? "promoter" : score >= 7 ? "passive" : "detractor";
}

/** From -100 to 100. */
export function formatScore(score: number | null): string {
  if (score === null) return "–";
  return score > 0 ? `+${score}` : String(score);
}

const parts = [
  { key: "promoters", name: "Promoters", color: "green.7" },
  { key: "passives", name: "Passives", color: "yellow.6" },
  { key: "detractors", name: "Detractors", color: "red.7" },
] as const;

export function BandBar({ of }: { of: Scored }) {
  return (
    <div>
      {of.answers > 0 && (
        <Progress.Root size={16} aria-hidden>
          {parts.map(({ key, color }) => (
            <Progress.Section key={key} value={(100 * of[key]) / of.answers} color={color} />
          ))}
        </Progress.Root>
      )}
      <Group gap="4px 20px" mt={6}>
        {parts.map(({ key, name, color }) => (
          <Group key={key} gap={6}>
            <Box w={10} h={10} bdrs={2} bg={color} aria-hidden />
            <Text size="sm">
              {name} <b className="number">{formatNumber(of[key])}</b>
            </Text>
          </Group>
        ))}
      </Group>
    </div>
  );
}

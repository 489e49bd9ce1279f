// R1: processes are killed at random moments, and started again at once, while deliveries come in all the time: several
// Plumblines that share one embedded PostgreSQL, the PostgreSQL itself, and single processes of it. Nothing that was
// acknowledged may be lost, nothing may be recorded twice.
import { createRandom, type Random } from "../../simulator/random.ts";
import {
  createHome,
  createTestConnection,
  findFreePort,
  type Home,
  type Ledger,
} from "../support/plumbline-process.ts";
import { createCarefulSender, describeAnswers } from "./support/careful-sender.ts";
import { createMarkedDelivery } from "./support/deliveries.ts";
import { finishRun } from "./support/finish-run.ts";
import { createMember, longestStart, type Member } from "./support/member.ts";
import {
  awaitServer,
  connectDirectly,
  findPostmaster,
  listChildren,
  sendSignal,
} from "./support/postgres-processes.ts";
import type { Say } from "./support/run-program.ts";

export type KillStormOptions = {
  kills: number;
  /** Deliveries a second. */
  rate: number;
  seed: string;
  /** Longest pause between two kills, in milliseconds. */
  longestPause: number;
};

export type KillStormResult = {
  problems: string[];
  kills: Record<string, number>;
  acknowledged: number;
  answers: Readonly<Record<string, number>>;
  ledger: Ledger;
  /** Starts that gave up because the database was killed under them. */
  failedStarts: number;
};

const secret = "kill-storm-secret";

export async function runKillStorm(options: KillStormOptions, say: Say): Promise<KillStormResult> {
  const home = createHome();
  const members: Member[] = [];
  const random = createRandom(options.seed, "kill storm");
  try {
    // The first one makes the database; the others adopt its server.
    for (const roles of ["door,web", "worker", "door,worker,web,scheduler"]) {
      const member = createMember(home, roles, await findFreePort());
      members.push(member);
      await member.isReady();
    }
    return await runStorm(options, say, { home, members, random });
  } finally {
    for (const member of members) await member.end();
    home.remove();
  }
}

async function runStorm(
  options: KillStormOptions,
  say: Say,
  { home, members, random }: { home: Home; members: Member[]; random: Random },
): Promise<KillStormResult> {
  const { path } = await createTestConnection(home, secret);
  const db = connectDirectly(home.dataDir);
  await say.database(db);
  const doors = members.filter(({ roles }) => roles.includes("door"));
  const sender = createCarefulSender({
    urls: () => doors.map(({ port }) => `http://127.0.0.1:${port}${path}`),
    secret,
    random: createRandom(options.seed, "sender"),
    create: (index) => createMarkedDelivery(options.seed, index),
  });
  sender.setRate(options.rate);
  const kills: Record<string, number> = {};
  for (let count = 0; count < options.kills; ) {
    await new Promise((resolve) => setTimeout(resolve, random.int(0, options.longestPause)));
    const killed = killOne(random, members, home);
    if (killed === undefined) continue;
    kills[killed] = (kills[killed] ?? 0) + 1;
    count += 1;
    say.progress(`kill ${count}: ${killed}; ${sender.acknowledgements.length} acknowledged so far`);
  }
  await Promise.all(members.map((member) => member.isReady()));
  await awaitServer(db, longestStart);
  const { ledger, problems } = await finishRun(home, db, sender, 120_000);
  await db.end();
  problems.push(...members.flatMap((member) => member.problems));
  const failedStarts = members.reduce((sum, member) => sum + member.failedStarts.length, 0);
  say.line(
    `kills: ${options.kills} (${Object.entries(kills)
      .map(([what, count]) => `${what} ${count}`)
      .join(", ")})`,
  );
  say.line(`starts that gave up because the database was killed under them, and were tried again: ${failedStarts}`);
  for (const words of new Set(members.flatMap((member) => member.failedStarts))) say.line(`  ${words}`);
  say.line(`acknowledged: ${sender.acknowledgements.length}; answers: ${describeAnswers(sender.answers)}`);
  say.line(`ledger: ${JSON.stringify(ledger)}`);
  const acknowledged = sender.acknowledgements.length;
  return { problems, kills, acknowledged, answers: sender.answers, ledger, failedStarts };
}

/** Kills something that lives; undefined when what was chosen does not live at the moment. */
function killOne(random: Random, members: readonly Member[], home: Home): string | undefined {
  const dice = random.next();
  if (dice < 0.7) {
    const member = random.pick(members);
    return member.kill() ? member.roles : undefined;
  }
  const postmaster = findPostmaster(home.dataDir);
  if (postmaster === undefined) return undefined;
  if (dice < 0.84) return sendSignal(postmaster, "SIGKILL") ? "postmaster" : undefined;
  const children = listChildren(postmaster);
  if (children.length === 0) return undefined;
  return sendSignal(random.pick(children), "SIGKILL") ? "process of PostgreSQL" : undefined;
}

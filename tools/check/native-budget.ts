import { type CFile, INCLUDES } from './includes.ts'

/** A part of the C program that is read and answered for as one. */
export interface Budget {
  readonly folders: readonly string[]
  /** Most lines of code. */
  readonly limit: number
  /** Where it is over its limit: how far it may be meanwhile. This may only shrink. */
  readonly meanwhile?: number
}

/**
 * How large the C program may be: all of it runs with the rights of root or faces strangers, and is read line by line.
 * What counts is code, in sources: neither blank lines, comments and includes, nor headers, which repeat what sources say.
 */
const BUDGETS: Readonly<Record<string, Budget>> = {
  // Labels of SELinux, and pipes that have one, are 55 of it, the mode of what a tmpfs covers 14.
  runtime: { folders: ['native/core', 'native/ops', 'native/launch', 'native/modes'], limit: 3574 },
  // Copies, archives, sizes: nothing that a container needs to start. Taking content from a connection of the engine's is 80 of it,
  // where a file system puts folders 13, files that are cloned, or have holes, 16, and labels of SELinux 58.
  trees: { folders: ['native/ops/trees'], limit: 1680 },
  // Questions to a container's servers and the engine's clients, of `run` programs.
  probe: { folders: ['native/ops/probe'], limit: 195 },
  // Addresses of names, from the relay into the kernel's sets, are 140 of it; a guard and sockets that others have ended, had again, 20; listeners
  // that another monitor gets 80; the table of mounts that it holds open 10, a program for the next runs 22; where listeners lead 60, and what hides it 10; sleep, and who wakes of it, 250;
  // other servers to ask 68.
  monitor: { folders: ['native/monitor'], limit: 2358 },
  // What a running container has otherwise than it was made: entered, read, put right. What is read of many at once is 185 of it.
  repair: { folders: ['native/ops/repair'], limit: 325 },
  // A container's output on disk: entries, rotation, a disk that is full.
  log: { folders: ['native/log'], limit: 360 },
  // The server of eight files over v1 and v2 for all containers of an engine (790), and how a monitor finds or begins it (320).
  procfs: { folders: ['native/procfs'], limit: 1120 },
  // It has root's rights for as long as its engine: small enough to be read in a minute.
  spawner: { folders: ['native/spawner'], limit: 300 },
  // The engine's socket of nf_tables, flows by matches (200), hearing of what changes in all namespaces (40), connections to those that have gone (75), and programs that hang on its
  // life (160), or are shared (55): it knows no rule.
  rules: { folders: ['native/rules'], limit: 740 },
  // Asks the kernel one thing, for the gateway.
  peer: { folders: ['native/peer'], limit: 20 },
  // Egress by name, what of it was refused, and questions made anew for it, are 210 of it; questions received several at once 20;
  // other servers while it serves 47.
  relay: { folders: ['native/relay'], limit: 2497 },
  // A hundred of it begin an engine where none runs.
  launcher: { folders: ['native/launcher'], limit: 920 },
}

/** Lines of code of a part. */
export function linesOf({ folders }: Budget, files: readonly CFile[]): number {
  return files
    .filter(({ path }) => path.endsWith('.c') && folders.includes(path.slice(0, path.lastIndexOf('/'))))
    .reduce(
      (sum, { code }) => sum + code.split('\n').filter(line => /^(?!#include)\s*\S/.test(line)).length,
      0,
    )
}

/** One line for each part that is larger than it may be, each that may be larger than it is, and each folder of none. */
export function checkNativeBudget(
  files: readonly CFile[],
  budgets: Readonly<Record<string, Budget>> = BUDGETS,
): string[] {
  const counted = Object.values(budgets).flatMap(({ folders }) => folders)
  const free = Object.keys(INCLUDES).filter(folder => folder !== 'native/test' && !counted.includes(folder))
  return [
    ...Object.entries(budgets).flatMap(([name, budget]) => overspent(name, budget, linesOf(budget, files))),
    ...free.map(folder => `${folder}: is in no budget of tools/check/native-budget.ts`),
  ]
}

function overspent(name: string, { limit, meanwhile }: Budget, lines: number): string[] {
  const most = meanwhile ?? limit
  if (lines > most) return [`native: the ${name} has ${lines} lines of code, at most ${most}`]
  if (meanwhile !== undefined && lines < meanwhile)
    return [`native: the ${name} has ${lines} lines of code now: say so in tools/check/native-budget.ts`]
  return []
}

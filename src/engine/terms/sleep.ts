import { parseNetworkMode } from './network.ts'
import type { Term } from './term.ts'

/** When a container sleeps to which nobody comes, in milliseconds. */
export interface SleepTerms {
  /** Without connections, until it stands still. */
  readonly freeze: number
  /** Of standing still, until it ends; absent: it never does. */
  readonly stop?: number
}

const NANOSECONDS = 1e6
/** Shorter than what a client that asks several times lets pass, it would stand still in between. */
const SHORTEST = 1_000 * NANOSECONDS

/** SLEEP_INVALID. */
export const sleepTerm: Term<'TscomposeSleep', SleepTerms | undefined, 'NetworkMode' | 'AutoRemove'> = {
  fields: { TscomposeSleep: true },
  path: 'HostConfig.TscomposeSleep',
  read: ({ TscomposeSleep }) =>
    TscomposeSleep
      ? {
          freeze: TscomposeSleep.Freeze / NANOSECONDS,
          ...(TscomposeSleep.Stop ? { stop: TscomposeSleep.Stop / NANOSECONDS } : {}),
        }
      : undefined,
  check: ({ TscomposeSleep, NetworkMode, AutoRemove }, problems) => {
    if (!TscomposeSleep) return
    const wrong = (summary: string): void =>
      problems.add('SLEEP_INVALID', 'HostConfig.TscomposeSleep', summary, { facts: {} })
    const { Freeze, Stop = 0 } = TscomposeSleep
    if (Freeze < SHORTEST || Stop < 0) wrong('it sleeps after a second without connections at the earliest')
    if (parseNetworkMode(NetworkMode).kind !== 'network')
      wrong('who comes is seen at its own network alone, which it has not got')
    if (AutoRemove === true) wrong('one that is removed when it has ended cannot end for a while')
  },
}

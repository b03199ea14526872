import { randomBytes } from 'node:crypto'
import type { Docker } from '../../client/index.ts'
import type { ObservedStack, SwarmOperation, SwarmPlan } from '../../deploy/swarm/index.ts'
import type { Failure } from '../../diagnostics/index.ts'
import { followPlan } from '../../executor/index.ts'
import { FewAtOnce } from '../../linux/few-at-once.ts'
import type { DeployWork } from '../cluster/cluster.ts'
import { Interrupted } from '../failures.ts'
import { credentialsOnce } from './credentials.ts'
import { CALLS_AT_ONCE } from './images.ts'
import { lastLines } from './last-lines.ts'

interface Planned {
  readonly plan: SwarmPlan
  readonly observed: ObservedStack
}

/** Does what a plan has, by calls of a manager. Resolves to all that failed; raises Interrupted after an abort. */
export async function followSwarm(
  docker: Docker,
  { plan, observed }: Planned,
  { detach = false, timeout, signal, parallel, onEvent, onWarning }: DeployWork,
): Promise<readonly Failure[]> {
  const { SwarmExecution, executeSwarm, wordsOfSwarm } = await import('../../deploy/swarm/index.ts')
  const execution = new SwarmExecution(docker, observed, {
    detach,
    makeKey,
    authOf: credentialsOnce(),
    lastLinesOf: task => lastLines(docker.getTask(task.ID), task),
    ...(timeout === undefined ? {} : { waitTimeout: timeout * 1000 }),
    ...(signal === undefined ? {} : { signal }),
  })
  const calls = new FewAtOnce(parallel !== undefined && parallel > 0 ? parallel : CALLS_AT_ONCE)
  const followed = await followPlan<SwarmOperation>(
    plan,
    {
      execute: (operation, report) => {
        const work = (): Promise<void> =>
          executeSwarm(operation, execution, detail => report({ text: 'Waiting', detail }))
        // Waits have no calls of their own.
        return operation.type.startsWith('await') ? work() : calls.run(work)
      },
      isUnneeded: () => Promise.resolve(false),
      words: operation => wordsOfSwarm(operation, detach),
      isTolerable: (_, { bestEffort }) => bestEffort === true,
      onTolerated: (_, cause) =>
        onWarning?.(cause.diagnostics.map(each => ({ ...each, severity: 'warning' as const }))),
    },
    new Map(),
    {
      parallel: -1,
      ...(onEvent === undefined ? {} : { onEvent }),
      ...(signal === undefined ? {} : { signal }),
    },
  )
  if (followed.aborted) throw new Interrupted()
  return followed.failures.map(each => each.failure)
}

/** A key for the digest of a secret. */
export function makeKey(): string {
  return randomBytes(16).toString('hex')
}

import { randomInt } from 'node:crypto'
import { failure } from '../../diagnostics/index.ts'
import {
  decideLabels,
  freeLevel,
  type LabelRequest,
  type Labels,
  levelIn,
} from '../security/selinux/index.ts'
import type { Container } from '../state/container.ts'
import type { ContainerTable } from '../state/container-table.ts'
import type { EngineContext } from '../state/context.ts'
import type { ContainerTerms } from '../terms/index.ts'

type Context = Pick<EngineContext, 'containers' | 'holds' | 'host'>

/**
 * The labels of a container, or of a step of a build, that is being made, with categories that nobody has: held for `owner` until its record tells. Undefined where
 * containers get none. Fails with what `decideLabels` fails with, and with `SELINUX_LABEL_UNKNOWN`.
 */
export function newLabels(
  { containers, holds, host: { selinux } }: Context,
  owner: string,
  terms: Pick<ContainerTerms, 'namespaces' | 'security'>,
): Labels | undefined {
  if (selinux === undefined) return undefined
  const taken = new Set([...containers.values()].map(({ record }) => levelIn(record.labels?.mount ?? '')))
  const isTaken = (level: string): boolean => taken.has(level) || holds.ownersOf(`level:${level}`).length > 0
  const labels = decideLabels(requestOf(containers, terms), selinux.defaults, given => {
    const level = freeLevel(given, isTaken, randomInt)
    holds.add(owner, `level:${level}`)
    return level
  })
  const unknown = Object.values(labels).find(label => !selinux.knows(label))
  if (unknown !== undefined) throw unknownLabel(unknown)
  return labels
}

/** The labels that a container was made with; one that was made where there were none gets them now. */
export function labelsOf(engine: Context, container: Container): Labels | undefined {
  if (engine.host.selinux === undefined) return undefined
  const { labels: made } = container.record
  if (made !== undefined) return made
  const labels = newLabels(engine, container.id, container.terms)
  if (labels !== undefined) container.save({ labels })
  engine.holds.release(container.id)
  return labels
}

function requestOf(
  containers: ContainerTable,
  { security, namespaces: { pid, ipc } }: Pick<ContainerTerms, 'namespaces' | 'security'>,
): LabelRequest {
  return {
    options: security.labelOptions ?? [],
    privileged: security.privileged === true,
    inHosts: pid.kind === 'host' || ipc.kind === 'host',
    joined: [ipc, pid].flatMap(mode =>
      mode.kind === 'container' ? (containers.resolve(mode.reference).record.labels?.process ?? []) : [],
    ),
  }
}

function unknownLabel(label: string): Error {
  return failure({
    code: 'SELINUX_LABEL_UNKNOWN',
    kind: 'invalidArgument',
    summary: `the SELinux policy of this machine has no context ${JSON.stringify(label)}`,
    facts: { label },
    hint: '`seinfo -t` lists types, `seinfo -u` users, `seinfo -r` roles',
  })
}

import type { ObservedContainer } from '../observed/observed.ts'
import { stepBase } from '../plan/step.ts'
import { adaptIdOf } from './adapt.ts'
import { DRIFTED, driftChange, tellOfUnseen } from './drift.ts'
import type { ContainerPlanning, Restart } from './planning.ts'
import { isNew, type Replica } from './replica.ts'

/** Plans what the engine puts right of containers that run on; behind the networks that they are on. */
export function planRepairs(planning: ContainerPlanning, restarts: ReadonlyMap<string, Restart>): void {
  for (const { replicas } of planning.fates.values())
    for (const replica of replicas) {
      const { existing } = replica
      if (existing?.state !== 'running' || isNew(replica)) continue
      tellOfRest(planning, existing)
      if (!restarts.has(existing.id)) addRepair(planning, replica, existing)
    }
}

function addRepair(planning: ContainerPlanning, { name, ref }: Replica, existing: ObservedContainer): void {
  const { drift, networks } = existing
  const mended = drift.filter(({ repair }) => repair === 'place')
  if (mended.length === 0) return
  const on = new Set(networks.map(({ id }) => id))
  const after = [...planning.decisions.networks.values()].flatMap(network =>
    network.id !== undefined && on.has(network.id) ? network.after : [],
  )
  const { builder } = planning.context
  const id = `container:${name}:repair`
  builder.add({
    type: 'repairContainer',
    id,
    ...stepBase(name, { cause: DRIFTED, after, changes: mended.map(driftChange) }, 'repair'),
    container: ref,
    paths: mended.map(({ path }) => path),
  })
  // Its process is told of a file once it can read it.
  if (builder.has(adaptIdOf(existing))) builder.addAfter(adaptIdOf(existing), [id])
}

/** What a process has given up, or got, cannot be given to it or taken from it. */
function tellOfRest({ context }: ContainerPlanning, { name, service, drift }: ObservedContainer): void {
  tellOfUnseen(context, 'container', { name, drift })
  for (const { path, want, got } of drift.filter(({ repair }) => repair === 'none')) {
    const anew = `tscompose up -d --force-recreate ${service}`
    context.builder.warn(
      'DRIFT_STAYS',
      `container "${name}" has ${path} ${got} in the kernel, not ${want}: it cannot be put right while it runs`,
      // A new one would get an empty folder where there is nothing to bind.
      path.startsWith('mount.') ? `see first that the host has what is mounted there, then ${anew}` : anew,
    )
  }
}

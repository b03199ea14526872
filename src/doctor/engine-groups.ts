import { join } from 'node:path'
import type { Machine } from './machine.ts'

const CGROUPS = '/sys/fs/cgroup'
const GROUP = /^tscompose(?:-([0-9a-f]{6}))?$/

type Folders = Pick<Machine, 'read' | 'list'>
type Dated = Folders & Pick<Machine, 'changed' | 'now'>

/** A group of an engine with all that is in it. */
export interface Group {
  readonly path: string
  /** Of the engine; empty for the default ROOT. */
  readonly engineId: string
  readonly pids: readonly number[]
  /** Something was made or removed in it a moment ago: somebody works there who may have no process in it yet. */
  readonly isInUse: boolean
}

/** Milliseconds between the first group of a container and its first process, on a machine that is very busy. */
const MOMENT = 60_000

/** All of engines, in each hierarchy: v2's own, those of v1, and v2's beside them. */
export async function findGroups(machine: Dated): Promise<Group[]> {
  const tops = [CGROUPS, ...(await machine.list(CGROUPS)).map(name => join(CGROUPS, name))]
  const found: Group[] = []
  for (const top of tops)
    for (const name of await machine.list(top)) {
      const engineId = GROUP.exec(name)
      if (engineId === null) continue
      const path = join(top, name)
      const isInUse = machine.now - ((await machine.changed(path)) ?? 0) < MOMENT
      found.push({ path, engineId: engineId[1] ?? '', pids: await processesIn(machine, path), isInUse })
    }
  return found
}

async function processesIn(machine: Folders, group: string): Promise<number[]> {
  const own = ((await machine.read(join(group, 'cgroup.procs'))) ?? '')
    .split('\n')
    .filter(line => line !== '')
  const below = await Promise.all(
    (await machine.list(group)).map(name => processesIn(machine, join(group, name))),
  )
  return [...own.map(Number), ...below.flat()]
}

/** Whether nobody is in any group of an engine's name, nor has just made one. */
export function isNobodys(groups: readonly Group[], engineId: string): boolean {
  return groups.every(each => each.engineId !== engineId || (each.pids.length === 0 && !each.isInUse))
}

/** All of an engine and its containers, in whichever hierarchy. */
export function processesOf(groups: readonly Group[], engineId: string): readonly number[] {
  return [...new Set(groups.filter(each => each.engineId === engineId).flatMap(({ pids }) => pids))]
}

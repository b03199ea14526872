import { readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf, failure } from '../diagnostics/index.ts'
import { ERRNO } from '../linux/errno.ts'
import { createNative } from '../native/index.ts'
import { inZone } from '../network/firewall/firewalld-table.ts'
import { deleteLink, hostNetlink } from '../network/netlink/index.ts'
import { type Leftover, RUN_NAMES } from './leftovers.ts'
import type { Machine } from './machine.ts'
import { removeEngineTable, removeRulesAt } from './tables.ts'

/** Removes something that is nobody's; what has gone meanwhile is no error. LEFTOVER_STAYS where the machine refuses it. */
export async function removeLeftover(
  { kind, name }: Leftover,
  machine: Pick<Machine, 'output'>,
): Promise<void> {
  switch (kind) {
    case 'mount':
      return runProgram(machine, 'umount', [name], name)
    case 'table':
      return removeEngineTable(createNative(), name)
    case 'rules':
      return removeRulesAt(createNative(), name)
    case 'zone':
      return runProgram(machine, 'firewall-cmd', inZone('--remove-interface', [name]), name)
    case 'link':
    case 'bridge':
      await createNative().run({ setup: [hostNetlink(`remove ${name}`, deleteLink(name), [ERRNO.ENODEV])] })
      return
    case 'group':
      return removeGroup(name)
    case 'folder':
      return removeRun(name)
  }
}

async function runProgram(
  machine: Pick<Machine, 'output'>,
  program: string,
  args: readonly string[],
  name: string,
): Promise<void> {
  const said = await machine.output(program, args)
  if (said?.code === 0) return
  throw failure({
    code: 'LEFTOVER_STAYS',
    kind: 'unavailable',
    summary: `${name} cannot be removed: ${said?.stderr.trim() ?? `there is no program ${program}`}`,
  })
}

/** Groups below first. One that a process has come into meanwhile stays: the kernel refuses it. */
async function removeGroup(path: string): Promise<void> {
  try {
    for (const entry of await readdir(path, { withFileTypes: true }))
      if (entry.isDirectory()) await removeGroup(join(path, entry.name))
    await rmdir(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}

/** Only what engines make there: whoever named the folder may have more in it. */
async function removeRun(run: string): Promise<void> {
  for (const name of RUN_NAMES) await rm(join(run, name), { recursive: true, force: true })
  try {
    await rmdir(run)
  } catch (error) {
    if (!/^(ENOENT|ENOTEMPTY|EBUSY)$/.test(errnoOf(error) ?? '')) throw error
  }
}

import { describe, expect, test } from 'vitest'
import { failure } from '../../diagnostics/index.ts'
import type { AttachedNumbers, AttachedPrograms, RulesConnection } from '../../native/index.ts'
import { shortcutPrograms } from './programs.ts'
import { Shortcut } from './shortcut.ts'

const BOTH = { ipv4: true, ipv6: true }
const IPV4 = { ipv4: true, ipv6: false }
const NONE = { ipv4: false, ipv6: false }

/** A kernel whose maps have numbers from 1 on; `refuses`: attempts, from the first on. */
function kernel(refuses = 0): { open: () => RulesConnection & { isOpen: boolean }; asked: number[] } {
  const asked: number[] = []
  const attach = async ({ programs }: AttachedPrograms): Promise<AttachedNumbers | undefined> => {
    asked.push(programs.length)
    if (asked.length <= refuses)
      throw failure({ code: 'NATIVE_FAILED', summary: '', cause: { errno: 'EPERM', opIndex: 0, detail: '' } })
    return programs.length === 0 ? undefined : { map: asked.length, shared: [] }
  }
  const nothing = async (): Promise<undefined> => undefined
  const open = () => ({
    isOpen: true,
    attach,
    change: nothing,
    list: async () => Buffer.alloc(0),
    dropFlows: nothing,
    watch: nothing,
    endPeers: nothing,
    close: () => undefined,
  })
  return { open, asked }
}

function shortcut(group: string | undefined = '/groups'): {
  lead: Shortcut['lead']
  map: () => number | undefined
  told: (number | undefined)[]
} {
  const told: (number | undefined)[] = []
  const made: Shortcut = new Shortcut({ group, onMap: () => told.push(made.attached?.map) })
  return { lead: (connection, wanted) => made.lead(connection, wanted), map: () => made.attached?.map, told }
}

describe('clients are led', () => {
  test('by one map until something else is asked for, and by another one then', async () => {
    const { open, asked } = kernel()
    const { lead, told } = shortcut()
    const connection = open()
    for (const wanted of [NONE, BOTH, BOTH, IPV4, BOTH]) await lead(connection, wanted)
    expect(asked).toEqual([6, 3, 6])
    expect(told).toEqual([1, 2, 3])
  })

  test('by none once nobody is to be led', async () => {
    const { open, asked } = kernel()
    const { lead, map, told } = shortcut()
    const connection = open()
    await lead(connection, BOTH)
    await lead(connection, NONE)
    expect([asked, map(), told]).toEqual([[6, 0], undefined, [1]])
  })

  test('by none once the connection has ended, and by another on the next one', async () => {
    const { open } = kernel()
    const { lead, map, told } = shortcut()
    const first = open()
    await lead(first, BOTH)
    first.isOpen = false
    expect(map()).toBeUndefined()
    await lead(open(), BOTH)
    expect(told).toEqual([1, 2])
  })

  test('of IPv4 where the kernel refuses both, and not at all where it refuses that, too', async () => {
    const one = kernel(2)
    const first = shortcut()
    await first.lead(one.open(), BOTH)
    expect([one.asked, first.told]).toEqual([[6, 6, 3], [3]])
    const none = kernel(9)
    const second = shortcut()
    const connection = none.open()
    await second.lead(connection, BOTH)
    await second.lead(connection, BOTH)
    expect([none.asked, second.map(), second.told]).toEqual([[6, 6, 3, 3], undefined, []])
  })

  test('those of MPTCP, too, where the kernel cannot tell them', async () => {
    const { open, asked } = kernel(1)
    const { lead, told } = shortcut()
    await lead(open(), BOTH)
    expect([asked, told]).toEqual([[6, 6], [2]])
  })

  test('nowhere without a group of all processes', async () => {
    const { open, asked } = kernel()
    const made = new Shortcut({ group: undefined, onMap: () => undefined })
    await made.lead(open(), BOTH)
    expect(asked).toEqual([])
  })
})

test('what hides it from clients is there before they are led', () => {
  expect(shortcutPrograms('/groups', BOTH, 'plain').programs.map(({ place }) => place)).toEqual([
    29, 31, 10, 30, 32, 11,
  ])
})

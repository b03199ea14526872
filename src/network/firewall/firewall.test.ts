import { expect, test } from 'vitest'
import { failure } from '../../diagnostics/index.ts'
import type { Native } from '../../native/index.ts'
import { newBaseChain } from '../netlink/index.ts'
import { Firewall } from './firewall.ts'

const FRONT = {
  id: 'f'.repeat(64),
  name: 'front',
  link: 'tsc-front',
  internal: false,
  subnets: ['172.18.0.0/24'],
  masqueraded: ['172.18.0.0/24'],
}
const CLOSED = newBaseChain({
  family: 'ip',
  table: 'filter',
  name: 'FORWARD',
  hook: 'forward',
  priority: 0,
  policy: 'drop',
})

/** Beside a table that drops what is forwarded, and refuses changes with these errors, one after the other. */
function beside(...errnos: readonly string[]): { firewall: Firewall; told: string[]; tried: () => number } {
  const told: string[] = []
  let tried = 0
  let asked = 0
  const change = async (batch: Buffer): Promise<void> => {
    if (!batch.includes('FORWARD')) return
    const errno = errnos[tried++]
    if (errno !== undefined)
      throw failure({ code: 'NATIVE_FAILED', summary: '', cause: { errno, opIndex: 0, detail: '' } })
  }
  const openRules: Native['openRules'] = async () => ({
    isOpen: true,
    change,
    // The chains, then the rules of one table: it has none.
    list: async () => (asked++ % 2 === 0 ? CLOSED : Buffer.alloc(0)),
    watch: async () => undefined,
    dropFlows: async () => undefined,
    endPeers: async () => undefined,
    attach: async () => undefined,
    close: () => undefined,
  })
  const firewall = new Firewall({
    engineId: '',
    state: () => ({ networks: [FRONT], published: [] }),
    native: { openRules },
    warn: ({ code }) => told.push(code),
  })
  return { firewall, told, tried: () => tried }
}

test('a table of others that goes while it is changed is looked at again, and told of to nobody', async () => {
  const { firewall, told, tried } = beside('ENOENT')
  for (let run = 0; run < 3; run++) await firewall.apply()
  expect([told, tried()]).toEqual([[], 2])
  firewall.close()
})

test('one that takes changes from its owner alone is told of once', async () => {
  const { firewall, told } = beside('EPERM', 'EPERM')
  for (let run = 0; run < 3; run++) await firewall.apply()
  expect(told).toEqual(['FIREWALL_CLOSED'])
  firewall.close()
})

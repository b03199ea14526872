import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { firewallNetworks } from '../../network/index.ts'
import { NetworkTable } from './network-table.ts'
import { enginePaths } from './paths.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tsc-networks-'))
  mkdirSync(join(root, 'networks'))
})
afterEach(() => rmSync(root, { recursive: true }))

/** The record of a network as releases before drivers wrote it: what its options mean stands beside them, too. */
const RECORD = {
  version: 1,
  id: 'ab'.repeat(32),
  name: 'lamp_back',
  driver: 'bridge',
  created: '2026-01-01T00:00:00.000Z',
  labels: {},
  attachable: false,
  internal: false,
  enableIPv4: true,
  enableIPv6: false,
  ipam: {},
  subnets: [{ subnet: '172.18.0.0/24', gateway: '172.18.0.1' }],
  options: {
    'com.docker.network.bridge.name': 'br-back',
    'com.docker.network.bridge.enable_ip_masquerade': 'false',
  },
  bridgeName: 'br-back',
  masquerade: false,
}

function load(record: object): { table: NetworkTable; codes: string[]; files: string[] } {
  writeFileSync(join(root, 'networks', `${RECORD.id}.json`), JSON.stringify(record))
  const table = new NetworkTable(enginePaths(root, root))
  const codes = table.load().map(({ code }) => code)
  return { table, codes, files: readdirSync(join(root, 'networks')) }
}

test('a network of an earlier release is as it was', () => {
  const { table, codes } = load(RECORD)
  expect(codes).toEqual([])
  expect(firewallNetworks(table.values())).toEqual([
    {
      id: RECORD.id,
      name: RECORD.name,
      link: 'br-back',
      internal: false,
      subnets: ['172.18.0.0/24'],
      masqueraded: [],
    },
  ])
})

test.each([
  ['a driver that we have not', { driver: 'overlay' }],
  ['no driver', { driver: undefined }],
  ['no options', { options: undefined }],
])('a record with %s is set aside and warned of, and keeps no other network from being there', (_what, more) => {
  const { table, codes, files } = load({ ...RECORD, ...more })
  expect(table.values()).toEqual([])
  expect(codes).toEqual(['RECORD_BROKEN'])
  expect(files).toEqual([expect.stringMatching(/\.broken$/)])
})

test('what an engine was writing when it was killed goes with the next one', () => {
  for (const path of [`networks/${RECORD.id}.json.9.1.tmp`, 'default-bridge.json.9.2.tmp'])
    writeFileSync(join(root, path), '{')
  expect(load(RECORD).files).toEqual([`${RECORD.id}.json`])
  expect(readdirSync(root).filter(name => name.endsWith('.tmp'))).toEqual([])
})

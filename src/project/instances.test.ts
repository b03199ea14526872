import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Project } from '../model/index.ts'
import { load } from '../parser/index.ts'
import { atOwnAddress, besideInstances, keepAddress } from './instances.ts'

let root: string
const env = (): Record<string, string> => ({ TSCOMPOSE_ROOT: root })

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tscompose-instances-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function project(instance?: string): Project {
  const text = `name: shop
services:
  web: {image: a, ports: ["8080:80", "127.0.0.1:81:81", "82"]}
  host: {image: a, network_mode: host}
`
  const files = [{ name: '/p/compose.yaml', text }]
  const loaded = load({ files, workingDir: '/p', env: {}, ...(instance === undefined ? {} : { instance }) })
  if (loaded.project === undefined) throw new Error(JSON.stringify(loaded.diagnostics))
  return loaded.project
}

const addressOf = (at: Project): string => at.instance?.address ?? ''
const hostsOf = (at: Project): (string | undefined)[] =>
  (at.model.services['web']?.ports ?? []).map(port => port.host_ip)

test('an instance has a name of its own, and ports that name no address at its loopback address', () => {
  const plain = atOwnAddress(project(), env())
  expect([plain.name, hostsOf(plain)]).toEqual(['shop', [undefined, '127.0.0.1', undefined]])
  const own = atOwnAddress(project('pr-42'), env())
  const address = addressOf(own)
  expect(address).toMatch(/^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+\.\d+$/)
  expect([own.name, hostsOf(own)]).toEqual(['shop-pr-42', [address, '127.0.0.1', address]])
})

test('its address stays, and looking takes none', () => {
  const first = atOwnAddress(project('a'), env())
  expect(readdirSync(root)).toEqual([])
  keepAddress(first, env())
  keepAddress(first, env())
  expect(readdirSync(join(root, 'instances'))).toEqual([addressOf(first)])
  expect(addressOf(atOwnAddress(project('a'), env()))).toBe(addressOf(first))
})

test('what another has is left to it, also where it came a moment before', () => {
  const first = atOwnAddress(project('a'), env())
  mkdirSync(join(root, 'instances'))
  writeFileSync(join(root, 'instances', addressOf(first)), 'another')
  expect(() => keepAddress(first, env())).toThrow(expect.objectContaining({ code: 'INSTANCE_ADDRESS' }))
  const next = atOwnAddress(project('a'), env())
  expect(addressOf(next)).not.toBe(addressOf(first))
  keepAddress(next, env())
  expect(readdirSync(join(root, 'instances'))).toHaveLength(2)
})

test('a name that no project could have is an error', () => {
  expect(() => project('PR/42')).toThrow('INVALID_PROJECT_NAME')
})

test('the project itself and its instances are told what keeps them from one port, and others are not', () => {
  const told = (instance: string | undefined, ...holders: string[]): boolean =>
    besideInstances(project(instance), holders)?.includes('TSCOMPOSE_PUBLISH=loopback') === true
  expect([told(undefined, 'shop-a'), told('a', 'other', 'shop')]).toEqual([true, true])
  expect([told(undefined, 'shop'), told(undefined, ''), told('a', 'shop-b'), told('a')]).toEqual([
    false,
    false,
    false,
    false,
  ])
})

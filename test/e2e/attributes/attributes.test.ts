// Every attribute of a service that reaches the kernel, seen in running containers: one stack, one `up`, and the tables in attributes/.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'
import { API } from './api.ts'
import type { AttributeCase, Seen } from './case.ts'
import { REFUSED } from './in-vain.ts'
import { CASES, containerOf, logOf, runInside, writeStack } from './stack.ts'

let sandbox: Sandbox
let docker: Docker
let said: string
let tree: string | undefined

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  writeStack(sandbox)
  const below = join(sandbox.folder, 'tree/below')
  mkdirSync(below, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '--make-shared', 'tmpfs', below])
  tree = below
  writeFileSync(join(tree, 'inner'), '')
  said = (await sandbox.ok('up', '-d')).stderr
  docker = new Docker({ socketPath: sandbox.socket })
})
afterAll(async () => {
  docker?.modem.destroy()
  if (tree !== undefined) execFileSync('umount', [tree])
  await sandbox.close()
})

async function seen(service: string): Promise<Seen> {
  const inspect = await docker.getContainer(await containerOf(docker, service)).inspect()
  const inside = async (name: string, line: string): Promise<string> =>
    runInside(docker, await containerOf(docker, name), line)
  return { sandbox, docker, inspect, inside, said }
}

async function check(each: AttributeCase): Promise<void> {
  const id = await containerOf(docker, each.service)
  if (each.log !== undefined)
    await eventually(`${each.service} has printed`, async () => {
      expect(await logOf(docker, id)).toEqual(
        each.log instanceof RegExp ? expect.stringMatching(each.log) : each.log,
      )
      return true
    })
  for (const [line, output] of Object.entries(each.inside ?? {}))
    expect({ line, output: await runInside(docker, id, line) }).toEqual({
      line,
      output: output instanceof RegExp ? expect.stringMatching(output) : output,
    })
  for (const warning of each.warns ?? []) expect(said).toMatch(new RegExp(warning))
  await each.host?.(await seen(each.service))
}

async function replaced(): Promise<string[]> {
  const { stdout } = await sandbox.ok('plan')
  return stdout.split('\n').filter(line => /recreate|→|create\)/.test(line))
}

test('no attribute makes the next up replace a container', async () => {
  expect(await replaced()).toEqual([])
})

describe.each(Object.entries(CASES))('%s', (_, cases) => {
  test.each(
    cases.map(each => [`${each.service}: ${each.shows.join(', ')}`, each] as const),
  )('%s', async (__, each) => {
    showLogOnFailure(sandbox)
    await check(each)
  })
})

test.each(REFUSED)('refused: $shows', async ({ attributes, code }) => {
  const service = { image: 'busybox', ...attributes }
  sandbox.write('refused.yaml', JSON.stringify({ name: 'refused', services: { service } }))
  const { status, stderr } = await sandbox.run('-f', 'refused.yaml', 'up', '-d')
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(code) })
  await sandbox.ok('-f', 'refused.yaml', 'down')
})

describe('what only the API can say', () => {
  test.each(API)('$shows', async each => {
    showLogOnFailure(sandbox)
    const container = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['sleep', '1000'],
      StopSignal: 'KILL',
      ...each.body,
    })
    for (const warning of each.warns ?? [])
      expect(container.warnings).toEqual(expect.arrayContaining([expect.stringContaining(warning)]))
    await container.start()
    for (const [line, output] of Object.entries(each.inside ?? {}))
      expect({ line, output: await runInside(docker, container.id, line) }).toEqual({
        line,
        output: output instanceof RegExp ? expect.stringMatching(output) : output,
      })
    await each.check?.(docker, await container.inspect())
  })
})

test('an engine that takes them over replaces none, and execs into them as the one before', async () => {
  showLogOnFailure(sandbox)
  await sandbox.killEngine()
  expect(await replaced()).toEqual([])
  const again = ['user', 'environment', 'capabilities', 'seccomp', 'unconfined', 'ulimits', 'joined', 'names']
  for (const each of Object.values(CASES).flat()) if (again.includes(each.service)) await check(each)
})

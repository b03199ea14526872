// Every attribute of a service that reaches the kernel, seen in running containers: one stack, one `up`, and the tables in attributes/.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Docker } from '../../src/client/index.ts'
import { API } from './attributes/api.ts'
import type { AttributeCase, Seen } from './attributes/case.ts'
import { REFUSED } from './attributes/in-vain.ts'
import { CASES, containerOf, logOf, runInside, writeStack } from './attributes/stack.ts'
import { eventually } from './harness/eventually.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from './harness/sandbox.ts'

let sandbox: Sandbox
let docker: Docker
let said: string
let tree: string

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  writeStack(sandbox)
  tree = join(sandbox.folder, 'tree/below')
  mkdirSync(tree, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '--make-shared', 'tmpfs', tree])
  writeFileSync(join(tree, 'inner'), '')
  said = (await sandbox.ok('up', '-d')).stderr
  docker = new Docker({ socketPath: sandbox.socket })
})
afterAll(async () => {
  docker?.modem.destroy()
  execFileSync('umount', [tree])
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

import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withProjectLock } from '../../../src/executor/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  const service = 'image: busybox, command: sleep infinity, init: true'
  sandbox.write('one.yaml', `name: one\nservices: {a: {${service}}, b: {${service}, depends_on: [a]}}\n`)
  sandbox.write('two.yaml', `name: two\nservices: {a: {${service}}, b: {${service}}}\n`)
  sandbox.write(
    'ten.yaml',
    `name: ten\nservices:\n${Array.from({ length: 10 }, (_value, index) => `  s${index}: {${service}}`).join('\n')}\n`,
  )
})
afterAll(() => sandbox.close())

const count = async (project: string): Promise<number> =>
  (await sandbox.ok('-p', project, 'ps', '-q')).stdout.split('\n').filter(line => line !== '').length

test('of several ups of one project at once all but one wait, and each succeeds', async () => {
  const folder = join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'projects')
  const lock = { folder, project: 'one', command: 'test', onWait: () => undefined }
  const ups = await withProjectLock(lock, async () => {
    const started = [1, 2, 3].map(() => sandbox.start('-f', 'one.yaml', 'up', '-d'))
    await eventually('they wait', () => started.every(({ output }) => output.stderr.includes('Waiting for')))
    return started
  })
  const results = await Promise.all(ups.map(({ ended }) => ended))
  expect(results.map(result => result.status)).toEqual([0, 0, 0])
  expect(await count('one')).toBe(2)
})

test('two projects at once do not disturb each other', async () => {
  const results = await Promise.all([
    sandbox.run('-f', 'two.yaml', 'up', '-d'),
    sandbox.run('-f', 'one.yaml', 'down'),
    sandbox.run('-f', 'ten.yaml', 'up', '-d'),
  ])
  expect(results.map(result => result.status)).toEqual([0, 0, 0])
  expect([await count('one'), await count('two'), await count('ten')]).toEqual([0, 2, 10])
})

test('the first commands of all start one engine', async () => {
  await Promise.all(['one', 'two', 'ten'].map(name => sandbox.ok('-f', `${name}.yaml`, 'down')))
  const results = await Promise.all(
    ['one', 'two', 'ten', 'one', 'two'].map(name => sandbox.run('-f', `${name}.yaml`, 'up', '-d')),
  )
  expect(results.map(result => result.status)).toEqual([0, 0, 0, 0, 0])
  await Promise.all(['one', 'two', 'ten'].map(name => sandbox.ok('-f', `${name}.yaml`, 'down')))
})

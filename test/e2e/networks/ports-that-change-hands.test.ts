// Containers that run get the ports which others of their project had, without new containers.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { runProgram } from '../harness/run-program.ts'
import { freePort, makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox
const ports: number[] = []

/** Services `a`, `b` and `c` at these of the ports, where they are named. */
const compose = (at: Readonly<Record<string, number>>, environment = ''): string =>
  `name: hands\nservices:\n${Object.entries(at)
    .map(
      ([name, index]) =>
        `  ${name}: {image: busybox, init: true, command: nc -ll -p 80 -e echo ${name}, ports: ["127.0.0.1:${ports[index]}:80"]${name === 'a' ? environment : ''}${name === 'c' ? ', depends_on: {a: {condition: service_started, restart: true}}' : ''}}\n`,
    )
    .join('')}`

const ids = async (): Promise<readonly string[]> =>
  Promise.all(['a', 'b', 'c'].map(async name => (await sandbox.ok('ps', '-q', name)).stdout.trim()))

const who = async (index: number): Promise<string> =>
  (await runProgram('busybox', ['nc', '-w', '2', '127.0.0.1', `${ports[index]}`], {})).stdout.trim()
const served = (...names: readonly string[]): Promise<boolean> =>
  eventually(
    `${names} are served`,
    async () => (await Promise.all(names.map((_, index) => who(index)))).join() === names.join(),
  )

beforeAll(async () => {
  for (let count = 0; count < 3; count++) ports.push(await freePort())
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write('compose.yaml', compose({ a: 0, b: 1, c: 2 }))
  await sandbox.ok('up', '-d')
})
afterAll(() => sandbox.close())

test('three change theirs with each other and run on', async () => {
  await served('a', 'b', 'c')
  const before = await ids()
  sandbox.write('compose.yaml', compose({ a: 1, b: 2, c: 0 }))
  await sandbox.ok('up', '-d')
  await served('c', 'a', 'b')
  expect(await ids()).toEqual(before)
  expect((await sandbox.ok('plan')).stdout).toContain('Nothing to do')
})

test('one that is stopped for a moment has another when it starts again', async () => {
  const [, b, c] = await ids()
  sandbox.write('compose.yaml', compose({ a: 2, b: 1, c: 0 }, ', environment: {A: "1"}'))
  await sandbox.ok('up', '-d')
  await served('c', 'b', 'a')
  expect((await ids()).slice(1)).toEqual([b, c])
  sandbox.write('compose.yaml', compose({ a: 0, b: 1, c: 2 }, ', environment: {A: "2"}'))
  await sandbox.ok('up', '-d')
  await served('a', 'b', 'c')
  expect((await ids()).slice(1)).toEqual([b, c])
  expect((await sandbox.ok('plan')).stdout).toContain('Nothing to do')
})

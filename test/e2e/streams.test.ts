import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../src/client/index.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from './harness/sandbox.ts'

// What a process writes reaches whoever listens, to the byte: however slow they are, and whoever dies meanwhile.
let sandbox: Sandbox
let docker: Docker

beforeAll(async () => {
  sandbox = makeSandbox()
  docker = new Docker({ socketPath: sandbox.socket })
  await sandbox.busybox()
})
afterEach(async () => {
  await sandbox.run('down', '-t', '0', '-v')
})
afterAll(() => sandbox.close())

const compose = (services: string): void => sandbox.write('compose.yaml', `name: st\nservices:\n${services}`)
/** A short line as it travels: Docker's frame of stdout. */
const framed = (line: string): string => `\x01\0\0\0\0\0\0${String.fromCharCode(line.length)}${line}`
const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))

test('forty commands at once, again and again, lose no byte', async () => {
  showLogOnFailure(sandbox)
  compose('  a: {image: busybox, command: sleep 1000, stop_grace_period: 0s}\n')
  await sandbox.ok('up', '-d')
  const run = async (word: string): Promise<string> => {
    const options = { Cmd: ['echo', word], AttachStdout: true, AttachStderr: true }
    const exec = await docker.getContainer('st-a-1').exec(options)
    return await text(await exec.start({ hijack: true }))
  }
  for (let round = 0; round < 10; round++) {
    const words = await times(40, index => run(`${round}-${index}`))
    expect(words).toEqual(words.map((_, index) => framed(`${round}-${index}\n`)))
  }
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { present, requires } from '../../requires.ts'

// The client as others use it: by its name in package.json, from the built files, imported and required.
let folder: string
let example: string

beforeAll(() => {
  // Inside of the package, where its own name leads to it.
  folder = mkdtempSync('dist/client-')
  example = /```ts\n([\s\S]*?)```/.exec(readFileSync('docs/client.md', 'utf8'))?.[1] ?? ''
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const REQUIRED = `
const Docker = require('tscompose/client')
class Own extends Docker {}
const socketPath = '/nonexistent/engine.sock'
const made = [Docker({ socketPath }), new Docker.default({ socketPath }), new Own({ socketPath })]
const isDocker = made.every(docker => docker instanceof Docker.Docker && docker.modem instanceof Docker.Modem)
made[0].ping(error => console.log(isDocker, made[0].getTask('t') instanceof Docker.Task, error.code))
`

for (const version of ['20.19', '22', '24', '26']) {
  const node = resolve(`node_modules/.tools/node-${version}/node`)
  requires(
    present(`Node ${version}`, node),
  ).test(`is required on Node ${version} as dockerode is`, {}, () => {
    const path = join(folder, `required-${version}.cjs`)
    writeFileSync(path, REQUIRED)
    expect(execFileSync(node, [path], { encoding: 'utf8' })).toBe('true true ENOENT\n')
  })
}

test('the example of its page has types, and does what it claims', () => {
  const path = join(folder, 'example.ts')
  writeFileSync(path, example)
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--types',
    'node',
  ]
  expect(() => execFileSync('npx', ['tsc', ...options, path], { encoding: 'utf8' })).not.toThrow()
  writeFileSync(path, `${example}\nexport const status: number = (await container.inspect()).State.Status\n`)
  expect(() => execFileSync('npx', ['tsc', ...options, path], { stdio: 'pipe' })).toThrow()
  const program = join(folder, 'example.mjs')
  writeFileSync(
    program,
    example.replace('/var/run/docker.sock', '/nonexistent').replace(': Docker.Container', ''),
  )
  expect(execFileSync(process.execPath, [program], { encoding: 'utf8' })).toBe('ENOENT\n')
})

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { LookupFunction } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { lookupUntil } from './name-lookup.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-lookup-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** A `getent` that does this. */
function withGetent(script: string): void {
  const path = join(folder, 'getent')
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`)
}

const never = new AbortController().signal
const ask = (lookup: LookupFunction, options: object): Promise<unknown> =>
  new Promise((resolve, reject) =>
    lookup('db.test', options, (error, ...found) => (error ? reject(error) : resolve(found))),
  )

const ANSWER = `echo "192.0.2.1 STREAM db.test"; echo "192.0.2.1 DGRAM"; echo "2001:db8::1 STREAM"`

test('each address is told once, all of them or the first of a family', async () => {
  withGetent(`test "$*" = "ahosts db.test" && { ${ANSWER}; }`)
  const lookup = lookupUntil(never)
  const [four, six] = [
    { address: '192.0.2.1', family: 4 },
    { address: '2001:db8::1', family: 6 },
  ]
  expect(await ask(lookup, { all: true })).toEqual([[four, six]])
  expect(await ask(lookup, { all: true, family: 6 })).toEqual([[six]])
  expect(await ask(lookup, {})).toEqual(['192.0.2.1', 4])
})

test('a name that nobody knows is told as by Node', async () => {
  withGetent('exit 2')
  await expect(ask(lookupUntil(never), { all: true })).rejects.toMatchObject({
    code: 'ENOTFOUND',
    hostname: 'db.test',
  })
})

test('all connections to one name ask once', async () => {
  withGetent(`echo asked >> ${folder}/asked; ${ANSWER}`)
  const lookup = lookupUntil(never)
  await Promise.all(Array.from({ length: 40 }, () => ask(lookup, { family: 4 })))
  expect(await ask(lookup, { family: 6 })).toEqual(['2001:db8::1', 6])
  expect(readFileSync(`${folder}/asked`, 'utf8')).toBe('asked\n')
})

test('whoever gives up waits for nobody, and no process is left', async () => {
  withGetent(`echo $$ > ${folder}/pid; exec sleep 1000`)
  const given = new AbortController()
  const asked = expect(ask(lookupUntil(given.signal), {})).rejects.toMatchObject({ code: 'ECANCELLED' })
  await vi.waitFor(() => expect(readFileSync(`${folder}/pid`, 'utf8')).toMatch(/\d\n/), { timeout: 15_000 })
  given.abort()
  await asked
  const pid = Number(readFileSync(`${folder}/pid`, 'utf8'))
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeout: 15_000 })
})

test('without the program Node looks up', async () => {
  vi.stubEnv('PATH', folder)
  const lookup = lookupUntil(never)
  const found = await new Promise((resolve, reject) =>
    lookup('localhost', { family: 4 }, (error, ...all) => (error ? reject(error) : resolve(all))),
  )
  expect(found).toEqual(['127.0.0.1', 4])
})

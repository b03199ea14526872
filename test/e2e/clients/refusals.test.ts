import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { asked, requires, root } from '../../requires.ts'
import { makeSandbox, showLogOnFailure } from '../harness/sandbox.ts'
import { IMAGE } from './refusals/cases.ts'
import { playRefusals } from './refusals/play.ts'

/** What a Docker Engine 28 (API 1.51) answered. */
const RECORDED = 'test/e2e/clients/refusals/docker-28.txt'

requires(
  root,
).test('what is wrong with a request is told with the status and the words of Docker', {}, async () => {
  const sandbox = makeSandbox()
  showLogOnFailure(sandbox)
  await sandbox.busybox()
  await sandbox.hold()
  const docker = new Docker({ socketPath: sandbox.socket })
  try {
    const [repo = '', tag = ''] = IMAGE.split(':')
    await docker.getImage('busybox').tag({ repo, tag })
    expect(await playRefusals(sandbox.socket)).toEqual(readFileSync(RECORDED, 'utf8').trimEnd().split('\n'))
  } finally {
    docker.modem.destroy()
    await sandbox.close()
  }
})

// With DOCKER_HOST=unix://… of a real engine that has the image.
requires(asked('TSCOMPOSE_RECORD_REFUSALS')).test('recorded anew', { timeout: 120_000 }, async () => {
  const socket = (process.env['DOCKER_HOST'] ?? '').replace('unix://', '')
  writeFileSync(RECORDED, `${(await playRefusals(socket)).join('\n')}\n`)
})

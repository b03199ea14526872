// A profile of AppArmor holds every process of a container, however it came to be there.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { present, program, requires } from '../../requires.ts'
import { EngineLab } from '../harness/engine-lab.ts'

const NAME = `tscompose-test-${process.pid}`
const PROFILE = `profile ${NAME} flags=(attach_disconnected) { file, capability, network, signal, ptrace, mount, umount, unix, deny /secret r, }`
const load = (change: '-r' | '-R'): unknown => execFileSync('apparmor_parser', [change], { input: PROFILE })

requires(
  program('apparmor_parser'),
  present('AppArmor', '/sys/kernel/security/apparmor/profiles'),
).describe('with a profile', () => {
  const lab = new EngineLab()
  beforeAll(async () => {
    load('-r')
    await lab.open()
    await lab.buildImage()
  })
  afterAll(async () => {
    await lab.close()
    load('-R')
  })

  test('the main command, an exec and one that joins the pid namespace are held by it', async () => {
    const HostConfig = { NetworkMode: 'none', SecurityOpt: [`apparmor=${NAME}`] }
    const id = await lab.run('first', { HostConfig })
    const other = await lab.run('second', { HostConfig: { ...HostConfig, PidMode: `container:${id}` } })
    for (const each of [id, other]) {
      const { Pid } = (await lab.engine.containers.inspect(each, { size: false })).State
      expect(readFileSync(`/proc/${Pid}/attr/current`, 'utf8')).toBe(`${NAME} (enforce)\n`)
      expect(
        (await lab.exec(each, 'cat /proc/self/attr/current; echo > /secret; cat /secret')).out,
      ).toContain(`${NAME} (enforce)\n`)
      expect((await lab.exec(each, 'cat /secret')).code).toBe(1)
    }
  })
})

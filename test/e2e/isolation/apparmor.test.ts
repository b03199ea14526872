// A profile of AppArmor holds every process of a container, however it came to be there.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { HostConfig } from '../../../src/api/types/index.ts'
import { present, program, requires } from '../../requires.ts'
import { EngineLab } from '../harness/engine-lab.ts'

const NAME = `tscompose-test-${process.pid}`
const PROFILE = `profile ${NAME} flags=(attach_disconnected) { file, capability, network, signal, ptrace, mount, umount, unix, deny /secret r, }`
const change = (how: '-r' | '-R', profile: string): unknown =>
  execFileSync('apparmor_parser', [how], { input: profile })

requires(
  program('apparmor_parser'),
  program('gcc'),
  present('AppArmor', '/sys/kernel/security/apparmor/profiles'),
).describe('with AppArmor', () => {
  const lab = new EngineLab()
  beforeAll(async () => {
    change('-r', PROFILE)
    const tools = join(lab.folder, 'tools')
    mkdirSync(tools)
    const source = 'native/test/old-sockets.c'
    execFileSync('gcc', ['-static', '-O1', '-D_GNU_SOURCE', '-o', join(tools, 'old-sockets'), source])
    await lab.open()
    await lab.buildImage()
  })
  afterEach(() => lab.clear())
  afterAll(async () => {
    await lab.close()
    change('-R', PROFILE)
  })

  const alone = { NetworkMode: 'none' }
  const inspect = (id: string) => lab.engine.containers.inspect(id, { size: false })
  const labelOf = (pid: number): string => readFileSync(`/proc/${pid}/attr/current`, 'utf8').trim()
  const CURRENT = 'cat /proc/self/attr/current'
  /** What a container's main process, an exec of it and its inspect say that it is held by. */
  const held = async (id: string): Promise<readonly string[]> => {
    const { AppArmorProfile, State } = await inspect(id)
    return [AppArmorProfile, labelOf(State.Pid), (await lab.exec(id, CURRENT)).out.trim()]
  }

  test('a profile that is named holds the main command, an exec and one that joins the pid namespace', async () => {
    const HostConfig = { ...alone, SecurityOpt: [`apparmor=${NAME}`] }
    const id = await lab.run('first', { HostConfig })
    const other = await lab.run('second', { HostConfig: { ...HostConfig, PidMode: `container:${id}` } })
    for (const each of [id, other]) {
      expect(await held(each)).toEqual([NAME, `${NAME} (enforce)`, `${NAME} (enforce)`])
      await lab.exec(each, 'echo > /secret')
      expect((await lab.exec(each, 'cat /secret')).code).toBe(1)
    }
  })

  test('ours holds a container that asks for none, with init or without, a health check and a RUN', async () => {
    for (const Init of [false, true]) {
      const id = await lab.run(`default-${Init}`, { HostConfig: { ...alone, Init } })
      const [profile = '', ...labels] = await held(id)
      expect(profile).toMatch(/^tscompose-default-\w+$/)
      expect(labels).toEqual([`${profile} (enforce)`, `${profile} (enforce)`])
    }
    await lab.build('run-step', `FROM bb\nRUN ${CURRENT} > /label\n`, {})
    expect((await lab.sh('cat /label', { Image: 'run-step' })).out).toMatch(
      /^tscompose-default-\w+ \(enforce\)/,
    )
    expect((await lab.engine.system.info()).SecurityOptions).toContain('name=apparmor')
  })

  test.each<[string, HostConfig]>([
    ['unconfined', { SecurityOpt: ['apparmor=unconfined'] }],
    ['privileged', { Privileged: true }],
  ])('a container that is %s is in none', async (name, host) => {
    expect(await held(await lab.run(name, { HostConfig: { ...alone, ...host } }))).toEqual([
      'unconfined',
      'unconfined',
      'unconfined',
    ])
  })

  test('a profile that the kernel does not know is refused by its name', async () => {
    const HostConfig = { ...alone, SecurityOpt: ['apparmor=no-such-profile'] }
    await expect(lab.run('unknown', { HostConfig })).rejects.toMatchObject({
      code: 'APPARMOR_PROFILE_UNKNOWN',
      message: expect.stringContaining('"no-such-profile"'),
    })
  })

  test('ours is loaded again when it was unloaded, and an exec by the next engine is held by that of the container', async () => {
    const first = await lab.run('first', { HostConfig: alone })
    const [profile = ''] = await held(first)
    await lab.reopen()
    expect((await held(first))[2]).toBe(`${profile} (enforce)`)
    await lab.clear()
    change('-R', `profile ${profile} { file, }`)
    expect((await held(await lab.run('second', { HostConfig: alone })))[1]).toBe(`${profile} (enforce)`)
  })

  test('ours holds what the other walls have let go', async () => {
    const host = {
      ...alone,
      CapAdd: ['ALL'],
      SecurityOpt: ['seccomp=unconfined', 'systempaths=unconfined'],
    }
    const id = await lab.run('weak', { HostConfig: host })
    const tried = `
      mount -t tmpfs none /tmp && echo MOUNTED; mount --bind /bin /tmp && echo BOUND; mount -o remount,rw /sys && echo REMOUNTED
      (echo x > /proc/sysrq-trigger) 2>/dev/null && echo SYSRQ
      for f in kernel/core_pattern kernel/modprobe vm/swappiness net/ipv4/ip_forward; do
        (cat /proc/sys/$f > /proc/sys/$f) 2>/dev/null && echo WROTE $f
      done
      cat /proc/keys /proc/kallsyms /proc/kcore 2>/dev/null | head -c 1 | wc -c
      cat /sys/kernel/security/lsm 2>/dev/null | wc -c
      unshare -U true 2>/dev/null && echo USERNS
      echo 500 > /proc/self/oom_score_adj && echo 0 > /dev/null && umount /dev/mqueue && echo usual`
    expect((await lab.exec(id, tried)).out.replace(/^mount: .*\n/gm, '')).toBe('0\n0\nusual\n')
  })

  test('sockets are of the same families, whatever call they are made by', async () => {
    const tools = `${join(lab.folder, 'tools')}:/tools:ro`
    const families = [1, 2, 10, 16, 21, 30, 38, 40, 44]
    const tried = `/tools/old-sockets ${families.join(' ')}`
    const id = await lab.run('filtered', { HostConfig: { ...alone, Binds: [tools] } })
    const every = (answer: number): string => families.map(family => `${family} ${answer}\n`).join('')
    expect((await lab.exec(id, tried)).out).toBe(every(38))
    const bare = { ...alone, Binds: [tools], SecurityOpt: ['seccomp=unconfined'] }
    const other = await lab.run('unfiltered', { HostConfig: bare })
    const refused = families.map(family => `${family} ${family > 16 ? 13 : 0}\n`).join('')
    expect((await lab.exec(other, tried)).out).toBe(refused)
  })
})

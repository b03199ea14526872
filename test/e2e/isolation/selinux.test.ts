// SELinux holds every process of a container, and what a container labels is its alone. The policy must let who runs this start containers.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { HostConfig } from '../../../src/api/types/index.ts'
import { openSELinux } from '../../../src/engine/security/selinux/index.ts'
import { type Need, requires, root } from '../../requires.ts'
import { EngineLab } from '../harness/engine-lab.ts'

const { selinux, warning = 'SELinux is off' } = openSELinux()
const labels: Need = { what: 'labels of SELinux', missing: selinux === undefined ? warning : undefined }
const CURRENT = 'cat /proc/self/attr/current'
const plain = (text: string): string => text.replace(/[\0\n]+$/, '')

requires(root, labels).describe('with SELinux', () => {
  const lab = new EngineLab()
  beforeAll(async () => {
    await lab.open()
    await lab.buildImage()
  })
  afterEach(() => lab.clear())
  afterAll(() => lab.close())

  const alone = { NetworkMode: 'none' }
  const inspect = (id: string) => lab.engine.containers.inspect(id, { size: false, drift: true })
  const labelOfFile = (path: string): string =>
    plain(execFileSync('stat', ['-c', '%C', path], { encoding: 'utf8' }))
  const labelOf = (pid: number): string => plain(readFileSync(`/proc/${pid}/attr/current`, 'utf8'))
  const levelOf = (label: string): string => label.split(':').slice(3).join(':')
  /** What a container's inspect, main process and an exec say that it is labelled as. */
  const held = async (id: string): Promise<readonly string[]> => {
    const { ProcessLabel, State } = await inspect(id)
    return [ProcessLabel, labelOf(State.Pid), plain((await lab.exec(id, CURRENT)).out)]
  }
  const folder = (name: string): string => {
    const path = join(lab.folder, name)
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, 'file'), `${name}\n`)
    return path
  }

  test('each container has a label of its own, its exec and a RUN too, with init or without', async () => {
    const levels: string[] = []
    for (const Init of [false, true]) {
      const id = await lab.run(`default-${Init}`, { HostConfig: { ...alone, Init } })
      const [label = '', ...others] = await held(id)
      expect(label).toMatch(/:container_t:s0:c\d+,c\d+$/)
      expect(others).toEqual([label, label])
      const { MountLabel, TscomposeDrift } = await inspect(id)
      expect(levelOf(MountLabel)).toBe(levelOf(label))
      expect(TscomposeDrift).toBeUndefined()
      levels.push(levelOf(label))
    }
    expect(new Set(levels).size).toBe(2)
    await lab.build('run-step', `FROM bb\nRUN ${CURRENT} > /label\n`, {})
    expect((await lab.sh('cat /label', { Image: 'run-step' })).out).toMatch(/:container_t:s0:c\d+,c\d+/)
    expect((await lab.engine.system.info()).SecurityOptions).toContain('name=selinux')
  })

  test('it has its own files, devices, queues and memory, and its output is heard', async () => {
    const tried =
      'echo a > /a && echo b > /dev/shm/b && echo c > /t/c && cat /a /dev/shm/b /t/c && cat /etc/hostname > /dev/null && head -c 1 /dev/zero | wc -c && ls /sys/firmware'
    const body = { HostConfig: { ...alone, Tmpfs: { '/t': '' } } }
    expect(await lab.sh(tried, { Cmd: ['sh', '-c', tried], ...body })).toEqual({
      out: 'a\nb\nc\n1\n',
      code: 0,
    })
  })

  test.each<[string, HostConfig, RegExp | undefined]>([
    ['disabled', { SecurityOpt: ['label=disable'] }, undefined],
    ['privileged', { Privileged: true }, undefined],
    ['in the host’s pid namespace', { PidMode: 'host' }, undefined],
    ['of another level', { SecurityOpt: ['label=level:s0:c5,c6'] }, /:container_t:s0:c5,c6$/],
    ['with no new privileges', { SecurityOpt: ['no-new-privileges'] }, /:container_t:s0:c/],
  ])('a container %s', async (name, host, label) => {
    const id = await lab.run(name.replace(/\W/g, '-'), { HostConfig: { ...alone, ...host } })
    const { ProcessLabel, State } = await inspect(id)
    if (label === undefined) expect([ProcessLabel, labelOf(State.Pid)].join()).not.toMatch(/container_t/)
    else expect(labelOf(State.Pid)).toMatch(label)
  })

  test('who joins the pid namespace of another has its label', async () => {
    const first = await lab.run('first', { HostConfig: alone })
    const second = await lab.run('second', { HostConfig: { ...alone, PidMode: `container:${first}` } })
    expect(await held(second)).toEqual(await held(first))
  })

  test('Z is for the one container, z for all, and neither goes through a link', async () => {
    const [own, all, aside] = [folder('own'), folder('all'), folder('aside')]
    symlinkSync(aside, join(own, 'link'))
    const before = labelOfFile(join(aside, 'file'))
    const Binds = [`${own}:/own:Z`, `${all}:/all:z`, `${aside}:/aside`]
    const first = await lab.run('first', { HostConfig: { ...alone, Binds } })
    const second = await lab.run('second', {
      HostConfig: { ...alone, Binds: [`${own}:/own`, `${all}:/all`] },
    })
    const read = async (id: string, path: string): Promise<string> =>
      (await lab.exec(id, `cat ${path} 2>/dev/null`)).out
    expect(await read(first, '/own/file /all/file')).toBe('own\nall\n')
    expect(await read(second, '/all/file')).toBe('all\n')
    expect(labelOfFile(join(own, 'file'))).toBe((await inspect(first)).MountLabel)
    expect(labelOfFile(join(aside, 'file'))).toBe(before)
    if (plain(readFileSync('/sys/fs/selinux/enforce', 'utf8')) === '1')
      expect([await read(second, '/own/file'), await read(first, '/aside/file')]).toEqual(['', ''])
  })

  test('a volume is for all who mount it', async () => {
    const HostConfig = { ...alone, Binds: ['shared:/data'] }
    const first = await lab.run('first', { HostConfig })
    await lab.exec(first, 'echo written > /data/new')
    const second = await lab.run('second', { HostConfig })
    expect((await lab.exec(second, 'cat /data/new /data/file')).out).toBe('written\nfrom-image\n')
  })

  test.each([
    ['label=type:no_such_type_t', 'SELINUX_LABEL_UNKNOWN'],
    ['label=nested', 'SECURITY_OPTION_INVALID'],
  ])('%s is refused', async (option, code) => {
    const HostConfig = { ...alone, SecurityOpt: [option] }
    await expect(lab.run('refused', { HostConfig })).rejects.toMatchObject({ code })
  })

  test('no place of the system is relabelled', async () => {
    const HostConfig = { ...alone, Binds: ['/usr:/u:z'] }
    await expect(lab.run('usr', { HostConfig })).rejects.toMatchObject({ code: 'RELABEL_REFUSED' })
  })

  test('the next engine execs with the label of the container', async () => {
    const id = await lab.run('first', { HostConfig: alone })
    const before = await held(id)
    await lab.reopen()
    expect(await held(id)).toEqual(before)
  })
})

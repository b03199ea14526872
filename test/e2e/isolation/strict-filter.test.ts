// A seccomp profile of the user's own refuses what it likes. What we ourselves do on the way to the command is done before,
// or by calls that no program can do without.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'

const lab = new EngineLab()
beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
})
afterEach(() => lab.clear())
afterAll(() => lab.close())

/** A container whose profile refuses some calls and allows all others. */
const refusing = (...names: string[]) => ({
  NetworkMode: 'none',
  SecurityOpt: [
    `seccomp=${JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names, action: 'SCMP_ACT_ERRNO' }],
    })}`,
  ],
})
/** Calls that older profiles do not know, and that a command need not make. */
const OURS = [
  'close_range',
  'umask',
  'setsid',
  'sendto',
  'sendmsg',
  'recvfrom',
  'recvmsg',
  'clone3',
  'execveat',
]

test('a command starts, in a container of its own and beside others, whatever its filter refuses of ours', async () => {
  const id = await lab.run('strict', {
    Healthcheck: { Test: ['CMD', 'true'], Interval: 100e6 },
    HostConfig: refusing(...OURS),
  })
  expect(await lab.exec(id, 'echo hello; exit 3')).toEqual({ out: 'hello\n', code: 3 })
  await eventually(
    'healthy',
    async () => (await lab.engine.containers.inspect(id, { size: false })).State.Health?.Status === 'healthy',
  )
  await lab.run('joined', { HostConfig: { ...refusing(...OURS), PidMode: `container:${id}` } })
})

test('a command that is not there is told as such', async () => {
  await expect(lab.run('none', { Cmd: ['nosuch'], HostConfig: refusing(...OURS) })).rejects.toMatchObject({
    code: 'COMMAND_NOT_FOUND',
  })
  const id = await lab.run('there', { HostConfig: refusing(...OURS) })
  await expect(lab.exec(id, ['nosuch'])).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND' })
})

test('where no process may be made, none is: the failure tells', async () => {
  const id = await lab.run('alone', { HostConfig: refusing('clone', 'clone3') })
  await expect(lab.exec(id, ['true'])).rejects.toMatchObject({ code: 'COMMAND_NOT_EXECUTABLE' })
})

import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BASE, type ImageLab, makeImageLab } from './image-lab.ts'

let lab: ImageLab
let agent: Server
let socket: string

beforeAll(async () => {
  lab = await makeImageLab()
  socket = join(lab.folder, 'agent.sock')
  agent = createServer()
  await new Promise<void>(resolve => agent.listen(socket, resolve))
})
afterAll(async () => {
  agent.close()
  await lab.remove()
})

test('an agent is there for the command alone, by the name that programs look for', async () => {
  await lab.build(
    `${BASE}RUN --mount=type=ssh echo "$SSH_AUTH_SOCK" > /name && ls -l $SSH_AUTH_SOCK | cut -c1-10 > /mode
RUN --mount=type=ssh,id=other,target=/agent,uid=5,gid=6,mode=0666 stat -c '%u:%g %a' /agent > /owner && echo $SSH_AUTH_SOCK >> /owner`,
    { ssh: { default: socket, other: socket }, tags: ['ssh'] },
  )
  expect(await lab.run('ssh', 'cat', '/name', '/mode', '/owner')).toBe(
    '/run/buildkit/ssh_agent.0\nsrw-------\n5:6 666\n/agent',
  )
  await expect(lab.run('ssh', 'ls', '/run/buildkit')).rejects.toThrow('No such file')
})

test('an agent that was not given is missed only where it is required', async () => {
  await lab.build(`${BASE}RUN --mount=type=ssh test ! -e $SSH_AUTH_SOCK`)
  await expect(lab.build(`${BASE}RUN --mount=type=ssh,required true`)).rejects.toMatchObject({
    code: 'SSH_MISSING',
    diagnostics: [{ range: { start: { line: 4 } } }],
  })
})

test('a cache begins with what a stage has, and goes its own way', async () => {
  const mount = '--mount=type=cache,from=seed,source=/s,target=/c'
  const text = `${BASE}FROM base AS seed
RUN mkdir /s && echo one > /s/f && ln -s f /s/l && chmod 750 /s && chown 3:4 /s
FROM base
RUN ${mount} stat -c '%a %u:%g' /c > /first && cat /c/l >> /first && echo more >> /c/f
RUN ${mount} cat /c/f > /second`
  await lab.build(text, { tags: ['seeded'] })
  expect(await lab.run('seeded', 'cat', '/first', '/second')).toBe('750 3:4\none\none\nmore')
  await lab.build(text.replace('echo one', 'echo two'), { tags: ['seeded'] })
  expect(await lab.run('seeded', 'cat', '/second')).toBe('two\nmore')
})

test('--security=insecure has the rights that the build allows it, and no other', async () => {
  const text = `${BASE}RUN --security=insecure mkdir /m && mount -t tmpfs none /m && touch /m/x && umount /m`
  await expect(lab.build(text)).rejects.toMatchObject({ code: 'BUILD_ENTITLEMENT' })
  await lab.build(text, { entitlements: ['security.insecure'] })
  await expect(lab.build(text.replace('insecure', 'sandbox'))).rejects.toMatchObject({
    code: 'BUILD_STEP_FAILED',
  })
})

test('devices are refused at their line', async () => {
  await expect(lab.build(`${BASE}RUN --device=vendor.com/x true`)).rejects.toMatchObject({
    code: 'DOCKERFILE_UNSUPPORTED',
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Docker } from './docker.ts'
import { ScriptedEngine } from './scripted-engine.test-support.ts'

let engine: ScriptedEngine
let docker: Docker
beforeAll(async () => {
  engine = new ScriptedEngine()
  await engine.listen()
  docker = new Docker({ socketPath: engine.socketPath })
})
beforeEach(() => {
  engine.heard.length = 0
})
afterAll(() => {
  docker.modem.destroy()
  engine.close()
})

const TAR = Buffer.from('tar')
type Call = (docker: Docker) => Promise<unknown>
const box = (docker: Docker) => docker.getContainer('box')
const image = (docker: Docker) => docker.getImage('reg:5/a/b')
const plugin = (docker: Docker) => docker.getPlugin('sshfs', 'vieux/sshfs')

describe('each method makes one call', () => {
  it.each<[string, string, Call, object?]>([
    [
      'Container.inspect',
      'GET /containers/box/json',
      d => box(d).inspect({ size: true }),
      { query: { size: 'true' } },
    ],
    [
      'Container.rename',
      'POST /containers/box/rename',
      d => box(d).rename({ name: 'b' }),
      { query: { name: 'b' } },
    ],
    [
      'Container.update',
      'POST /containers/box/update',
      d => box(d).update({ Memory: 1 }),
      { body: '{"Memory":1}' },
    ],
    [
      'Container.top',
      'GET /containers/box/top',
      d => box(d).top({ ps_args: 'aux' }),
      { query: { ps_args: 'aux' } },
    ],
    ['Container.changes', 'GET /containers/box/changes', d => box(d).changes()],
    ['Container.listCheckpoint', 'GET /containers/box/checkpoints', d => box(d).listCheckpoint()],
    [
      'Container.createCheckpoint',
      'POST /containers/box/checkpoints',
      d => box(d).createCheckpoint({ CheckpointID: 'c' }),
      { body: '{"CheckpointID":"c"}' },
    ],
    ['Container.deleteCheckpoint', 'DELETE /containers/box/checkpoints/c', d => box(d).deleteCheckpoint('c')],
    ['Container.export', 'GET /containers/box/export', d => box(d).export()],
    ['Container.start', 'POST /containers/box/start', d => box(d).start()],
    ['Container.pause', 'POST /containers/box/pause', d => box(d).pause()],
    ['Container.unpause', 'POST /containers/box/unpause', d => box(d).unpause()],
    [
      'Container.exec',
      'POST /containers/box/exec',
      d => box(d).exec({ Cmd: ['ls'] }),
      { body: '{"Cmd":["ls"]}' },
    ],
    [
      'Container.commit',
      'POST /commit',
      d => box(d).commit({ repo: 'r', Env: ['A=1'] }),
      { query: { container: 'box', repo: 'r' }, body: '{"Env":["A=1"]}' },
    ],
    ['Container.stop', 'POST /containers/box/stop', d => box(d).stop({ t: 3 }), { query: { t: '3' } }],
    ['Container.restart', 'POST /containers/box/restart', d => box(d).restart()],
    [
      'Container.kill',
      'POST /containers/box/kill',
      d => box(d).kill({ signal: 'SIGHUP' }),
      { query: { signal: 'SIGHUP' } },
    ],
    [
      'Container.resize',
      'POST /containers/box/resize',
      d => box(d).resize({ h: 1, w: 2 }),
      { query: { h: '1', w: '2' } },
    ],
    [
      'Container.attach',
      'POST /containers/box/attach',
      d => box(d).attach({ stream: true, stdout: true }),
      { query: { stream: 'true', stdout: 'true' } },
    ],
    [
      'Container.wait',
      'POST /containers/box/wait',
      d => box(d).wait({ condition: 'removed' }),
      { query: { condition: 'removed' } },
    ],
    ['Container.remove', 'DELETE /containers/box', d => box(d).remove({ v: true }), { query: { v: 'true' } }],
    [
      'Container.copy',
      'POST /containers/box/copy',
      d => box(d).copy({ Resource: '/etc' }),
      { body: '{"Resource":"/etc"}' },
    ],
    [
      'Container.getArchive',
      'GET /containers/box/archive',
      d => box(d).getArchive({ path: '/a b' }),
      { query: { path: '/a b' } },
    ],
    [
      'Container.infoArchive',
      'HEAD /containers/box/archive',
      d => box(d).infoArchive({ path: '/a' }),
      { query: { path: '/a' } },
    ],
    [
      'Container.putArchive',
      'PUT /containers/box/archive',
      d => box(d).putArchive(TAR, { path: '/' }),
      { query: { path: '/' }, body: 'tar' },
    ],
    [
      'Container.logs',
      'GET /containers/box/logs',
      d => box(d).logs({ stdout: true, tail: 3 }),
      { query: { stdout: 'true', tail: '3' } },
    ],
    [
      'Container.stats',
      'GET /containers/box/stats',
      d => box(d).stats({ stream: false }),
      { query: { stream: 'false' } },
    ],
    ['Image.inspect', 'GET /images/reg:5/a/b/json', d => image(d).inspect()],
    ['Image.distribution', 'GET /distribution/reg:5/a/b/json', d => image(d).distribution()],
    ['Image.history', 'GET /images/reg:5/a/b/history', d => image(d).history()],
    ['Image.get', 'GET /images/reg:5/a/b/get', d => image(d).get()],
    ['Image.push', 'POST /images/reg:5/a/b/push', d => image(d).push({ tag: 't' }), { query: { tag: 't' } }],
    [
      'Image.tag',
      'POST /images/reg:5/a/b/tag',
      d => image(d).tag({ repo: 'r', tag: 't' }),
      { query: { repo: 'r', tag: 't' } },
    ],
    [
      'Image.remove',
      'DELETE /images/reg:5/a/b',
      d => image(d).remove({ force: true }),
      { query: { force: 'true' } },
    ],
    ['Volume.inspect', 'GET /volumes/v', d => d.getVolume('v').inspect()],
    [
      'Volume.remove',
      'DELETE /volumes/v',
      d => d.getVolume('v').remove({ force: true }),
      { query: { force: 'true' } },
    ],
    [
      'Network.inspect',
      'GET /networks/n',
      d => d.getNetwork('n').inspect({ verbose: true }),
      { query: { verbose: 'true' } },
    ],
    [
      'Network.connect',
      'POST /networks/n/connect',
      d => d.getNetwork('n').connect({ Container: 'c' }),
      { body: '{"Container":"c"}' },
    ],
    [
      'Network.disconnect',
      'POST /networks/n/disconnect',
      d => d.getNetwork('n').disconnect({ Container: 'c' }),
      { body: '{"Container":"c"}' },
    ],
    ['Network.remove', 'DELETE /networks/n', d => d.getNetwork('n').remove()],
    ['Exec.start', 'POST /exec/e/start', d => d.getExec('e').start({ Tty: true }), { body: '{"Tty":true}' }],
    [
      'Exec.resize',
      'POST /exec/e/resize',
      d => d.getExec('e').resize({ h: 1, w: 2 }),
      { query: { h: '1', w: '2' } },
    ],
    ['Exec.inspect', 'GET /exec/e/json', d => d.getExec('e').inspect()],
    ['Service.inspect', 'GET /services/s', d => d.getService('s').inspect()],
    [
      'Service.update',
      'POST /services/s/update',
      d => d.getService('s').update({ version: 3, Name: 'n' }),
      { query: { version: '3' }, body: '{"Name":"n"}' },
    ],
    ['Service.remove', 'DELETE /services/s', d => d.getService('s').remove()],
    [
      'Service.logs',
      'GET /services/s/logs',
      d => d.getService('s').logs({ stdout: true }),
      { query: { stdout: 'true' } },
    ],
    ['Task.inspect', 'GET /tasks/t', d => d.getTask('t').inspect()],
    [
      'Task.logs',
      'GET /tasks/t/logs',
      d => d.getTask('t').logs({ stdout: true }),
      { query: { stdout: 'true' } },
    ],
    ['Node.inspect', 'GET /nodes/n', d => d.getNode('n').inspect()],
    [
      'Node.update',
      'POST /nodes/n/update',
      d => d.getNode('n').update({ version: 1, Role: 'worker' }),
      { query: { version: '1' }, body: '{"Role":"worker"}' },
    ],
    [
      'Node.remove',
      'DELETE /nodes/n',
      d => d.getNode('n').remove({ force: true }),
      { query: { force: 'true' } },
    ],
    ['Secret.inspect', 'GET /secrets/s', d => d.getSecret('s').inspect()],
    [
      'Secret.update',
      'POST /secrets/s/update',
      d => d.getSecret('s').update({ version: 1, Name: 's' }),
      { query: { version: '1' }, body: '{"Name":"s"}' },
    ],
    ['Secret.remove', 'DELETE /secrets/s', d => d.getSecret('s').remove()],
    ['Config.inspect', 'GET /configs/c', d => d.getConfig('c').inspect()],
    [
      'Config.update',
      'POST /configs/c/update',
      d => d.getConfig('c').update({ version: 1 }),
      { query: { version: '1' }, body: '{}' },
    ],
    ['Config.remove', 'DELETE /configs/c', d => d.getConfig('c').remove()],
    ['Plugin.inspect', 'GET /plugins/sshfs/json', d => plugin(d).inspect()],
    [
      'Plugin.remove',
      'DELETE /plugins/sshfs',
      d => plugin(d).remove({ force: true }),
      { query: { force: 'true' } },
    ],
    [
      'Plugin.privileges',
      'GET /plugins/privileges',
      d => plugin(d).privileges(),
      { query: { remote: 'vieux/sshfs' } },
    ],
    [
      'Plugin.pull',
      'POST /plugins/pull',
      d => plugin(d).pull({ _body: [{ Name: 'network' }] }),
      { query: { name: 'sshfs', remote: 'vieux/sshfs' }, body: '[{"Name":"network"}]' },
    ],
    [
      'Plugin.enable',
      'POST /plugins/sshfs/enable',
      d => plugin(d).enable({ timeout: 1 }),
      { query: { timeout: '1' } },
    ],
    ['Plugin.disable', 'POST /plugins/sshfs/disable', d => plugin(d).disable()],
    ['Plugin.push', 'POST /plugins/sshfs/push', d => plugin(d).push()],
    ['Plugin.configure', 'POST /plugins/sshfs/set', d => plugin(d).configure(['A=1']), { body: '["A=1"]' }],
    [
      'Plugin.upgrade',
      'POST /plugins/sshfs/upgrade',
      d => plugin(d).upgrade({ username: 'u' }, { _query: { remote: 'r' }, _body: [] }),
      { query: { remote: 'r' }, body: '[]' },
    ],
  ])('%s', async (_, request, call, rest = {}) => {
    await call(docker)
    expect(`${engine.last?.method} ${engine.last?.path}`).toBe(request)
    expect(engine.last).toMatchObject({ query: {}, ...rest })
    expect(engine.heard).toHaveLength(1)
  })
})

import { expect, test } from 'vitest'
import { parseImageConfig } from './config.ts'

const rootfs = { type: 'layers', diff_ids: [] }
const parse = (fields: object) =>
  parseImageConfig(Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs, ...fields })))

test.each([
  ['config.Env', { config: { Env: 'notalist' } }],
  ['config.Env', { config: { Env: [1] } }],
  ['config.Cmd', { config: { Cmd: 7 } }],
  ['config.ExposedPorts', { config: { ExposedPorts: [1] } }],
  ['config.Labels', { config: { Labels: { a: {} } } }],
  ['config.Healthcheck.Interval', { config: { Healthcheck: { Interval: '3s' } } }],
  ['config', { config: [] }],
  ['history[1].created_by', { history: [{}, { created_by: 1 }] }],
  ['history[0]', { history: [null] }],
  ['rootfs', { rootfs: 'layers' }],
  ['created', { created: 7 }],
])('a config whose "%s" has another shape is refused by its name', (field, fields) => {
  expect(() => parse(fields)).toThrow(
    expect.objectContaining({
      code: 'IMAGE_CONFIG_INVALID',
      diagnostics: [expect.objectContaining({ detail: expect.stringContaining(`"${field}"`) })],
    }),
  )
})

test('null is as if left out, and unknown fields stay', () => {
  const config = {
    Env: null,
    Cmd: null,
    Volumes: null,
    User: null,
    ExposedPorts: { '80/tcp': null },
    New: [1],
  }
  expect(parse({ config, history: null, created: null, extra: { a: 1 } })).toMatchObject({
    config: { ExposedPorts: { '80/tcp': null }, New: [1] },
    history: [],
    extra: { a: 1 },
  })
  expect(parse({ config: null }).config).toEqual({})
})

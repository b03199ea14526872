import { expect, test } from 'vitest'
import { applyChanges } from './changes.ts'

test('changes add to what the config has, each seeing those before it', () => {
  const config = { Env: ['A=1'], Labels: { a: 'b' }, OnBuild: ['RUN x'], Cmd: ['sh'] }
  const changed = applyChanges(config, [
    'ENV B=$A$A',
    'label c=$B',
    'CMD ["ash"]',
    'EXPOSE 80',
    'WORKDIR tmp',
    'USER me',
  ])
  expect(changed).toMatchObject({
    Env: ['A=1', 'B=11'],
    Labels: { a: 'b', c: '11' },
    OnBuild: ['RUN x'],
    Cmd: ['ash'],
    ExposedPorts: { '80/tcp': {} },
    WorkingDir: '/tmp',
    User: 'me',
  })
})

test('a command that is changed is not marked as one of a builder', () => {
  expect(applyChanges({}, ['CMD ["a"]'])).toEqual({ Cmd: ['a'] })
  expect(applyChanges({ Cmd: ['sh'], ArgsEscaped: true }, ['CMD a'])).toMatchObject({ ArgsEscaped: true })
})

test('one text may have several lines, with comments', () => {
  expect(applyChanges({}, ['# why\nENV A=1 \\\n  B=2\n\nUSER x'])).toMatchObject({
    Env: ['A=1', 'B=2'],
    User: 'x',
  })
})

test.each(['RUN x', 'FROM x', 'COPY a b', 'ARG x', 'nonsense'])('%s is no change', text => {
  expect(() => applyChanges({}, [text])).toThrow(expect.objectContaining({ code: 'IMAGE_CHANGE_INVALID' }))
})

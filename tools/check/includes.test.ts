import { existsSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type CFile, cFileOf, checkIncludes, INCLUDES, readCFiles } from './includes.ts'

const file = (path: string, ...lines: string[]): CFile => cFileOf(path, lines.join('\n'))
/** What the check says of these files alone, whichever others they include. */
const check = (...files: CFile[]): string[] => checkIncludes(files, () => true)

test('an include that the table does not list is a problem', () => {
  const planted = [
    file('native/core/state.c', '#include "ops/stage.h"'),
    file('native/ops/mounts.c', '#include "launch/child.h"'),
    file('native/ops/mounts.h', '#include "ops/trees/walk.h"'),
    file('native/relay/tcp.c', '#include "core/state.h"'),
    file('native/monitor/life.c', '  # include "relay/loop.h"'),
    file('native/monitor/oom.c', '#include "ops/mounts.h"'),
    file('native/launch/child.c', '#include "monitor/state.h"'),
    file('native/core/clock.c', '#include <monitor/life.h>'),
    file('native/core/clock.c', 'extern int life_start(void);'),
    file('native/core/clock.c', 'int life_start(void);', 'int now(void) { return life_start(); }'),
  ]
  expect(planted.map(each => check(each).length)).toEqual(planted.map(() => 1))
  expect(check(file('native/relay/tcp.c', '#include "core/state.h"'))).toEqual([
    'native/relay/tcp.c: native/relay must not include native/core/state.h',
  ])
})

test('an include with angles is one of ours, whichever folder it names', () => {
  for (const folder of Object.keys(INCLUDES))
    expect(cFileOf('native/relay/a.c', `#include <${folder.slice('native/'.length)}/a.h>`).includes).toEqual([
      `${folder}/a.h`,
    ])
})

test('what the table lists, and the own folder, may be included', () => {
  expect(
    check(
      file(
        'native/ops/trees/copy.c',
        '#include "ops/beneath.h"',
        '#include "ops/trees/walk.h"',
        '#include <errno.h>',
      ),
      file('native/relay/tcp.c', '#include "core/sys.h"', '/* #include "core/state.h" */'),
      file('native/monitor/state.h', '#include "relay/config.h"'),
      file('native/test/relay-harness.c', '#include "relay/relay.h"'),
    ),
  ).toEqual([])
})

test('an include leads to a file, by its whole path', () => {
  expect(checkIncludes([file('native/core/io.c', '#include "io.h"')])).toEqual([
    'native/core/io.c: includes native/io.h, which is no file',
  ])
})

test('files that include each other by way of others are a problem, a source and its header being one', () => {
  expect(
    check(
      file('native/core/a.c', '#include "core/a.h"', '#include "core/b.h"'),
      file('native/core/a.h'),
      file('native/core/b.c', '#include "core/b.h"', '#include "core/c.h"'),
      file('native/core/b.h'),
      file('native/core/c.h', '#include "core/a.h"'),
    ),
  ).toEqual(['include cycle: native/core/a -> native/core/b -> native/core/c -> native/core/a'])
})

test('a header declares what the source of its name defines', () => {
  const header = file(
    'native/core/a.h',
    'struct a {',
    '\tint fd;',
    '\tvoid (*ready)(struct a *a);',
    '};',
    'int a_open(struct a *a, const char *path,',
    '\t   int flags);',
    '_Noreturn void a_end(void);',
    'static inline int a_fd(const struct a *a)',
    '{',
    '\treturn call(a);',
    '}',
  )
  const source = (...lines: string[]): CFile => file('native/core/a.c', '#include "core/a.h"', ...lines)
  const opens = [
    'int a_open(struct a *a, const char *path,',
    '\t   int flags)',
    '{',
    '\tif (a)',
    '\t{ b(); }',
    '}',
  ]
  expect(check(header, source(...opens, 'void a_end(void)', '{', '}'))).toEqual([])
  expect(
    check(header, source(...opens, 'static void a_end(void);', 'static void a_end(void)', '{', '}')),
  ).toEqual(['native/core/a.h: declares a_end, which native/core/a.c does not define'])
})

test('a struct of one name is there once', () => {
  expect(
    check(
      file('native/ops/a.c', 'struct names {', '};'),
      file('native/relay/b.h', 'struct names;'),
      file('native/relay/c.h', 'struct names {', '};'),
    ),
  ).toEqual(['native/relay/c.h: struct names is another in native/ops/a.c'])
})

test('a folder that nobody owns is a problem', () => {
  expect(check(file('native/helpers/a.c'))).toEqual([
    'native/helpers/a.c: no folder of tools/check/includes.ts owns this file',
  ])
})

test('every folder of native has its line in the table, every line a folder, and both their functions', () => {
  const folders = readdirSync('native', { withFileTypes: true })
    .filter(entry => entry.isDirectory() && entry.name !== 'build')
    .map(entry => `native/${entry.name}`)
  expect(folders.filter(folder => !(folder in INCLUDES))).toEqual([])
  expect(Object.keys(INCLUDES).filter(path => !existsSync(path))).toEqual([])
  // With a source taken away, its header declares what nobody defines: the check sees functions as they are written here.
  const files = readCFiles().filter(({ path }) => path !== 'native/monitor/life.c')
  expect(checkIncludes(files)).toEqual(
    [
      'life_start',
      'life_let_go',
      'life_heard_of_oom',
      'life_look_for_oom',
      'life_exited',
      'life_restart',
      'life_signal',
    ].map(name => `native/monitor/life.h: declares ${name}, which native/monitor/life.c does not define`),
  )
})

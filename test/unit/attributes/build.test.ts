import { describeAttribute } from './attribute.ts'

describeAttribute('build', {
  forms: [
    ['.', { context: '/p', dockerfile: 'Dockerfile' }],
    [
      {
        context: './app',
        dockerfile: 'D',
        target: 't',
        args: { A: 1, HOME: null, UNSET: null },
        labels: ['a=b'],
        ssh: ['default'],
        cache_from: ['x'],
        additional_contexts: { c: './c', d: 'docker-image://x' },
        tags: ['t'],
        platforms: ['linux/amd64'],
        no_cache: true,
        shm_size: '1m',
        ulimits: { nproc: 1 },
        extra_hosts: ['a:1.1.1.1'],
        no_cache_filter: 'st',
      },
      {
        context: '/p/app',
        dockerfile: 'D',
        target: 't',
        args: { A: '1', HOME: '/home/u' },
        labels: { a: 'b' },
        ssh: ['default'],
        cache_from: ['x'],
        additional_contexts: { c: '/p/c', d: 'docker-image://x' },
        tags: ['t'],
        platforms: ['linux/amd64'],
        no_cache: true,
        shm_size: '1048576',
        ulimits: { nproc: 1 },
        extra_hosts: ['a=1.1.1.1'],
        no_cache_filter: ['st'],
      },
    ],
    [
      'https://github.com/a/b.git#main:sub',
      { context: 'https://github.com/a/b.git#main:sub', dockerfile: 'Dockerfile' },
    ],
    [{ dockerfile_inline: 'FROM x\n' }, { context: '/p', dockerfile_inline: 'FROM x\n' }],
  ],
  merges: [
    ['.', { target: 't' }, { context: '/p', dockerfile: 'Dockerfile', target: 't' }],
    [
      { context: 'a', args: { A: '1' } },
      { args: ['A=2', 'B=3'] },
      { context: '/p/a', dockerfile: 'Dockerfile', args: { A: '2', B: '3' } },
    ],
    [{ context: 'a' }, 'b', { context: '/p/b', dockerfile: 'Dockerfile' }],
  ],
  invalid: [
    [{ dockerfile: 'a', dockerfile_inline: 'b' }, 'CONFLICTING_ATTRIBUTES'],
    [{ contxt: '.' }, 'UNKNOWN_ATTRIBUTE'],
    [{ secrets: ['nobody'] }, 'UNDEFINED_SECRET'],
    [3, 'INVALID_TYPE'],
  ],
})

import { describeAttribute } from './attribute.ts'

describeAttribute('ulimits', {
  forms: [
    [
      { nproc: 10, nofile: { soft: 1, hard: 2 } },
      { nproc: 10, nofile: { soft: 1, hard: 2 } },
    ],
    [{ nproc: '10' }, { nproc: 10 }],
  ],
  merges: [[{ nofile: { soft: 1, hard: 2 } }, { nofile: 3 }, { nofile: 3 }]],
  invalid: [
    [{ nofile: { soft: 1 } }, 'MISSING_ATTRIBUTE'],
    [{ nofile: 'many' }, 'INVALID_TYPE'],
  ],
})

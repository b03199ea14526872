import { type Defence, gone } from '../harness/defence.ts'

const LOST = 'test/e2e/faults/lost.test.ts'
const PROCESSES = 'test/e2e/faults/processes.test.ts'

/**
 * What survives the faults of `FAULT_CASES`; `tools/take-out-defences.ts` takes it out. What would hurt the machine that it is tried on stays in: what
 * keeps bombs from its processes (C12), and what ends or reports processes that would stay (C16, C26, C28).
 */
export const FAULT_DEFENCES: readonly Defence[] = [
  {
    number: 'C3',
    what: 'the next engine takes over what runs',
    without: [
      gone(
        'src/engine/adopt/adopt.ts',
        'await takeOver(engine, container, status, connection)',
        'connection.close()',
      ),
    ],
    test: ['test/e2e/engine/adoption.test.ts', 'runs on, and is known to run'],
  },
  {
    number: 'C4',
    what: 'a container whose monitor is lost is restarted by its policy',
    without: [
      gone(
        'src/engine/containers/supervise.ts',
        'if (await recoverMonitor(engine, container, live)) await restartByPolicy(engine, container)',
        'await recoverMonitor(engine, container, live)',
      ),
    ],
    test: [LOST, 'while it waits for its restart is started'],
  },
  {
    number: 'C5',
    what: 'so it is where the engine was lost as well',
    without: [gone('src/engine/adopt/adopt.ts', 'if (lost) await restartByPolicy(engine, container)')],
    test: [LOST, 'with engine and monitor killed at once'],
  },
  {
    number: 'C5',
    what: 'a guard ends the container of a monitor that is lost',
    without: [gone('native/monitor/guard.c', 'count || write(STDOUT_FILENO, "1", 1) != 1', 'count != 0')],
    test: [LOST, 'a container ends with its monitor'],
  },
  {
    number: 'C6',
    what: 'numbers of another boot are nobody’s',
    without: [gone('src/engine/adopt/adopt.ts', 'state.bootId !== readBootId()', "state.bootId === ''")],
    test: [LOST, 'nothing runs but what its policy starts'],
  },
  {
    number: 'C8',
    what: 'files are written beside, and renamed',
    without: [
      gone('src/linux/atomic-file.ts', 'const temporary = temporaryOf(path)', 'const temporary = path'),
    ],
    test: ['src/linux/atomic-file.test.ts', 'touches nothing of the file that was there'],
  },
  {
    number: 'C9',
    what: 'lines that a full disk takes are counted',
    without: [gone('native/log/log.c', '\t\tlog->missing++;\n')],
    test: ['test/e2e/engine/full-disk.test.ts', 'that is too much is counted'],
  },
  {
    number: 'C10',
    what: 'a disk that is read-only is told by its name',
    without: [gone('src/diagnostics/disk-full.ts', "['EROFS', 'EIO']", "['EIO']")],
    built: true,
    test: ['test/e2e/faults/readonly-root.test.ts', 'C10:'],
  },
  {
    number: 'C11',
    what: 'kills for want of memory are counted',
    without: [gone('native/monitor/oom.c', '"oom_kill ", 9', '"oom_none ", 9')],
    test: ['test/e2e/containers/out-of-memory.test.ts', 'of the first process, and of a child'],
  },
  {
    number: 'C19',
    what: 'health checks go by a clock that nobody sets',
    without: [gone('src/engine/health/probe.ts', 'performance.now()', 'Date.now()')],
    test: [LOST, 'a start period lasts as long as it would'],
  },
  {
    number: 'C20',
    what: 'parts of a line are known as such',
    without: [gone('native/log/log.c', 'whole ? "F " : "P "', '"F "')],
    test: ['test/e2e/faults/floods.test.ts', 'C20:'],
  },
  {
    number: 'C25',
    what: 'init reaps whom others leave behind',
    without: [
      gone('native/launch/init.c', 'waitpid(-1, &status, WNOHANG)', 'waitpid(main, &status, WNOHANG)'),
    ],
    test: [PROCESSES, 'C25:'],
  },
  {
    number: 'C27',
    what: 'a client that was let go is told',
    without: [
      gone(
        'src/engine/containers/attach.ts',
        'this.#queue.end(attachStalled(this.#container.name))',
        'this.#queue.end()',
      ),
    ],
    test: ['src/engine/containers/attach.test.ts', 'a client that was let go hears so by its stream'],
  },
  {
    number: 'C29',
    what: 'a pipe is not read as a file',
    without: [
      gone('native/ops/trees/files.c', 'if (!S_ISREG(info->st_mode))', 'if (S_ISDIR(info->st_mode))'),
    ],
    test: [PROCESSES, 'C29:'],
  },
  {
    number: 'C30',
    what: 'a monitor of an older version may not know a request',
    without: [
      gone(
        'src/engine/logs/open.ts',
        'if (!isUnknownToMonitor(error)) ignoreGone(error)',
        'ignoreGone(error)',
      ),
    ],
    test: ['src/engine/adopt/adopt.test.ts', 'C30: the log of a monitor'],
  },
]

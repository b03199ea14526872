import { expect } from 'vitest'
import type { AttributeCase } from './case.ts'

/** What runs: command, user, environment, terminal, labels. */
export const PROCESS: readonly AttributeCase[] = [
  {
    service: 'command',
    shows: ['command'],
    attributes: { command: ['sh', '-c', 'echo "ran $0"; exec sleep 1000', 'a  b'] },
    log: 'ran a  b\n',
  },
  {
    service: 'entrypoint',
    shows: ['entrypoint'],
    attributes: { entrypoint: ['sh', '-c', 'echo "$@"; exec sleep 1000', 'x'], command: ['one', 'two'] },
    log: 'one two\n',
  },
  {
    service: 'place',
    shows: ['working_dir'],
    attributes: { working_dir: '/made/here', command: 'sh -c "pwd; exec sleep 1000"' },
    log: '/made/here\n',
    inside: { pwd: '/made/here\n' },
  },
  {
    service: 'user',
    shows: ['user', 'group_add'],
    attributes: {
      user: '33:34',
      group_add: ['50', 60],
      command: 'sh -c "id -u; id -g; id -G; exec sleep 1000"',
    },
    log: '33\n34\n34 50 60\n',
    inside: { 'id -G': '34 50 60\n', 'grep CapEff /proc/self/status': 'CapEff:\t0000000000000000\n' },
  },
  {
    service: 'environment',
    shows: ['environment', 'env_file.path', 'env_file.required', 'env_file.format'],
    attributes: {
      environment: { A: 'own', EMPTY: '' },
      env_file: [
        { path: 'one.env' },
        { path: 'missing.env', required: false },
        { path: 'raw.env', format: 'raw' },
      ],
      command: ['sh', '-c', 'env | grep -E "^(A|B|RAW|EMPTY)=" | sort; exec sleep 1000'],
    },
    files: { 'one.env': 'A=file\nB="two ${A}"\n', 'raw.env': 'RAW="${A}"\n' },
    log: 'A=own\nB=two own\nEMPTY=\nRAW="${A}"\n',
  },
  {
    service: 'init',
    shows: ['init'],
    attributes: { init: true, command: ['sh', '-c', 'echo $$; exec sleep 1000'] },
    log: /^([2-9]|\d\d+)\n$/,
    // An orphan that has ended is reaped, where `sleep` as PID 1 would leave a zombie.
    inside: {
      '(true & ); until ! grep -q "State:.Z" /proc/[0-9]*/status 2>/dev/null; do :; done; echo reaped':
        'reaped\n',
    },
  },
  {
    service: 'terminal',
    shows: ['tty'],
    attributes: { tty: true, command: ['sh', '-c', 'tty; stty size; exec sleep 1000'] },
    log: /^\/dev\/pts\/0\r\n\d+ \d+\r\n$/,
    inside: { '[ -c /dev/console ] && readlink /proc/1/fd/0': /^\/dev\/(pts\/0|console)\n$/ },
  },
  {
    service: 'input',
    shows: ['stdin_open'],
    attributes: { stdin_open: true, command: ['sh', '-c', 'cat; echo ended; exec sleep 1000'] },
    inside: { 'readlink /proc/1/fd/0': /^pipe:/ },
    log: '',
  },
  {
    service: 'no-input',
    shows: ['stdin_open'],
    attributes: { command: ['sh', '-c', 'cat; echo ended; exec sleep 1000'] },
    log: 'ended\n',
  },
  {
    service: 'extended',
    shows: ['extends.service', 'extends.file'],
    attributes: { extends: { service: 'base', file: 'base.yaml' }, environment: { B: 'own' } },
    files: { 'base.yaml': '{services: {base: {environment: {A: base, B: base}, command: "sleep 1000"}}}' },
    inside: { 'echo $A $B': 'base own\n' },
  },
  {
    service: 'labels',
    shows: ['labels', 'label_file', 'annotations', 'container_name', 'image', 'deploy.labels'],
    attributes: {
      image: 'busybox:latest',
      container_name: 'attributes-by-name',
      labels: { a: 'own' },
      label_file: 'labels.env',
      annotations: { note: 'seen' },
      deploy: { labels: { 'of-the-service': 'alone' } },
    },
    files: { 'labels.env': 'a=file\nb=file\n' },
    host: ({ inspect: { Name, Config, HostConfig } }) => {
      expect(Name).toBe('/attributes-by-name')
      expect(Config.Image).toBe('busybox:latest')
      expect(Config.Labels).toMatchObject({ a: 'own', b: 'file' })
      expect(Config.Labels).not.toHaveProperty('of-the-service')
      expect(HostConfig.Annotations).toMatchObject({ note: 'seen' })
    },
  },
]

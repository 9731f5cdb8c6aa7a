import { describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { commands } from '../../src/cli/commands.ts'
import { runCli } from './command-line.ts'

describe('wrong use', () => {
  test.each([
    [[], /Say which command/],
    [['frobnicate'], /There is no command "frobnicate".*\nusage: taxbudget <command>/],
    [['polls'], /polls needs one of these:\nusage: taxbudget polls list/],
    [['polls', 'destroy'], /polls needs one of these:/],
    [['results'], /POLL is missing.\nusage: taxbudget results POLL/],
    [['results', 'p', 'q'], /"q" is more than is taken.\nusage: taxbudget results POLL/],
    [['results', 'p', '--frob'], /Unknown option '--frob'.\nusage: taxbudget results POLL/],
    [['results', 'p', '--tier', 'magic'], /--tier must be one of snapshot, projection, replay/],
    [['results', 'p', '--as-of', '2999-01-01'], /--as-of lies in the future/],
    [['results', 'p', '--as-of', '1969-12-31'], /--as-of lies before 1970/],
    [['results', 'p', '--as-of', 'yesterday'], /--as-of must be a time like/],
    [['results', 'p', '--position', '-1'], /usage: taxbudget results POLL/],
    [['results', 'p', '--csv', '--json'], /Choose one of --csv and --json/],
    [['import', 'x.pb'], /--poll SLUG is missing.\nusage: taxbudget import FILE/],
    [['import', 'x.pb', '--poll', 'Not A Slug'], /lower-case letters/],
    [['simulate', 'p', '--submissions', 'many'], /--submissions must be a number above 0/],
    [['simulate', 'p', '--submissions', '5', '--rate', '0'], /--rate must be a number above 0/],
    [['simulate', 'p', '--submissions', '5', '--url', 'here'], /--url must look like/],
    [
      ['simulate', 'p', '--submissions', '5', '--url', 'http://x', '--direct'],
      /Choose one of --direct and --url/,
    ],
  ])(
    'given %j, when run, then stderr says what is wrong, with the usage, and the exit code is 2',
    async (args, message) => {
      const ran = await runCli(args)
      expect(ran).toMatchObject({ code: 2, stdout: '' })
      expect(ran.stderr).toMatch(message)
      expect(ran.stderr).toContain('usage: taxbudget ')
    },
  )
})

describe('help', () => {
  test('given --help, when run, then every command is named on stdout', async () => {
    const { code, stdout, stderr } = await runCli(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const { name, summary } of commands)
      expect(stdout).toMatch(new RegExp(`${name} .*${summary.slice(0, 20)}`))
  })

  test.each([[['import', '--help']], [['help', 'import']], [['import', 'FILE', '-h']]])(
    'given %j, when run, then the command is explained',
    async (args) => {
      const { code, stdout, stderr } = await runCli(args)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toContain('usage: taxbudget import FILE --poll SLUG [--normalise] [--report FILE]')
    },
  )

  test('given a group, when help is asked, then its commands are named', async () => {
    const { code, stdout } = await runCli(['polls', '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/polls list[\s\S]*polls open FILE[\s\S]*polls close POLL[\s\S]*polls reopen POLL/)
  })

  test('given --version, when run, then it is printed', async () => {
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' })
  })
})

test('given bad settings, when a command is run, then they are named and the exit code is 1', async () => {
  const { code, stderr } = await runCli(['polls', 'list'], { PORT: 'none', DATABASE_URL: 'mysql://x' })
  expect(code).toBe(1)
  expect(stderr).toMatch(/PORT[\s\S]*DATABASE_URL/)
})

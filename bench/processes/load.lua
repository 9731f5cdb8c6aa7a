-- Load for wrk: posts the lines of the file BODIES in turn, or without it just asks; says in JSON what came of it.
local bodies = {}
local file = os.getenv('BODIES')
if file then
  for line in io.lines(file) do bodies[#bodies + 1] = line end
end

local prepared, turn = {}, 0

function init()
  for index, body in ipairs(bodies) do
    prepared[index] = wrk.format('POST', nil, { ['Content-Type'] = 'application/json', Host = wrk.host }, body)
  end
  if #prepared == 0 then prepared[1] = wrk.format('GET') end
end

function request()
  turn = turn % #prepared + 1
  return prepared[turn]
end

function done(summary)
  local errors = summary.errors
  -- summary.requests counts every answer, those with an error status too.
  print(string.format(
    '{"requestsPerSecond":%.2f,"succeeded":%d,"failed":%d,"bytes":%d}',
    summary.requests / (summary.duration / 1e6),
    summary.requests - errors.status,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    summary.bytes
  ))
end

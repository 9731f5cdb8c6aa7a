-- What operators do about a parked event depends on whether it is parked: stored states of polls now tell where their
-- parked events stand. Those that only tell how many are made again from the log.

delete from poll_state_boundaries
 where (fold_version, position) in (
         select b.fold_version, b.position
           from poll_state_boundaries b
          where b.position >= (select min(s.position) from poll_states s
                                where s.fold_version = b.fold_version and (s.state ->> 'parked')::bigint > 0)
       );

delete from poll_states s
 where not exists (select from poll_state_boundaries b
                    where b.fold_version = s.fold_version and b.position = s.position);

-- A suspended object makes no AWS call, so asking for a check would do nothing.
return { ["reconcile"] = { ["disabled"] = obj.spec.suspend == true } }

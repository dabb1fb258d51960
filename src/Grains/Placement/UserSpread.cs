using CoMiGS.Learning.Data;

namespace CoMiGS.Grains.Placement;

/// <summary>Spreads the users of a run over silos in proportion to their trainer slots: a pure function, so that every
/// silo comes to the same answer by itself. Weighted rendezvous hashing with a quota per silo: when a silo comes or
/// goes, about as many users move as it has room for.</summary>
internal static class UserSpread
{
    /// <param name="users">In order of id.</param>
    /// <param name="silos">Distinct, at least one; slots at least 1.</param>
    /// <returns>The silo of every user; a silo's share differs from the exact proportion by less than one
    /// user.</returns>
    public static Dictionary<string, SiloAddress> Of(
        IReadOnlyList<string> users, IReadOnlyList<(SiloAddress Silo, int Slots)> silos)
    {
        var places = silos.OrderBy(silo => silo.Silo.ToParsableString(), StringComparer.Ordinal)
            .Select(silo => new Place(silo.Silo, silo.Slots)).ToArray();
        ShareOut(users.Count, places);
        var homes = new Dictionary<string, SiloAddress>(users.Count);
        foreach (var user in users)
        {
            var key = Randomness.Key(user);
            var home = places.Where(place => place.Left > 0).MaxBy(place => place.ScoreOf(key))!;
            home.Left--;
            homes.Add(user, home.Silo);
        }

        return homes;
    }

    /// <summary>Whole shares that add up: the exact ones rounded down, and one more for those with the largest rest.
    /// </summary>
    private static void ShareOut(int users, Place[] places)
    {
        var slots = places.Sum(place => (long)place.Slots);
        foreach (var place in places)
        {
            place.Left = (int)(users * (long)place.Slots / slots);
        }

        var missing = users - places.Sum(place => place.Left);
        foreach (var place in places.OrderByDescending(place => users * (long)place.Slots % slots).Take(missing))
        {
            place.Left++;
        }
    }

    private sealed class Place(SiloAddress silo, int slots)
    {
        private readonly ulong key = Randomness.Key(silo.ToParsableString());

        public SiloAddress Silo => silo;

        public int Slots => slots;

        /// <summary>Users it still takes.</summary>
        public int Left { get; set; }

        /// <summary>The silo with the highest score is a user's with probability slots / all slots (Thaler and
        /// Ravishankar's rendezvous hashing with logarithmic weights).</summary>
        public double ScoreOf(ulong user) => slots / -Math.Log(1 - Randomness.Of(user, key).NextDouble());
    }
}

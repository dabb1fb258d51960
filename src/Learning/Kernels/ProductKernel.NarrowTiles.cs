using System.Runtime.CompilerServices;

namespace CoMiGS.Learning.Kernels;

// Tiles one vector wide; written out as the wide ones are.
internal static unsafe partial class ProductKernel<TSimd, TVector>
{
    // The last panel when it is at most one vector wide: low-rank factors, routers, odd widths.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x1(in Product p, in ProductTile tile)
    {
        float* a = tile.A, b = tile.B;
        nint aStep = p.AStep, bStep = p.BRow;
        nint o1 = tile.ARows[1], o2 = tile.ARows[2], o3 = tile.ARows[3], o4 = tile.ARows[4];
        nint o5 = tile.ARows[5], o6 = tile.ARows[6], o7 = tile.ARows[7];
        TVector c0 = TSimd.Zero, c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
        for (var depth = p.Depth; depth > 0; depth--)
        {
            var b0 = TSimd.Load(b);
            c0 = TSimd.Fma(TSimd.Broadcast(*a), b0, c0);
            c1 = TSimd.Fma(TSimd.Broadcast(a[o1]), b0, c1);
            c2 = TSimd.Fma(TSimd.Broadcast(a[o2]), b0, c2);
            c3 = TSimd.Fma(TSimd.Broadcast(a[o3]), b0, c3);
            c4 = TSimd.Fma(TSimd.Broadcast(a[o4]), b0, c4);
            c5 = TSimd.Fma(TSimd.Broadcast(a[o5]), b0, c5);
            c6 = TSimd.Fma(TSimd.Broadcast(a[o6]), b0, c6);
            c7 = TSimd.Fma(TSimd.Broadcast(a[o7]), b0, c7);
            a += aStep;
            b += bStep;
        }

        if (p.Depth2 > 0)
        {
            a = tile.A2;
            b = tile.B2;
            bStep = p.B2Row;
            o1 = tile.A2Rows[1];
            o2 = tile.A2Rows[2];
            o3 = tile.A2Rows[3];
            o4 = tile.A2Rows[4];
            o5 = tile.A2Rows[5];
            o6 = tile.A2Rows[6];
            o7 = tile.A2Rows[7];
            for (var depth = p.Depth2; depth > 0; depth--)
            {
                var b0 = TSimd.Load(b);
                c0 = TSimd.Fma(TSimd.Broadcast(*a), b0, c0);
                c1 = TSimd.Fma(TSimd.Broadcast(a[o1]), b0, c1);
                c2 = TSimd.Fma(TSimd.Broadcast(a[o2]), b0, c2);
                c3 = TSimd.Fma(TSimd.Broadcast(a[o3]), b0, c3);
                c4 = TSimd.Fma(TSimd.Broadcast(a[o4]), b0, c4);
                c5 = TSimd.Fma(TSimd.Broadcast(a[o5]), b0, c5);
                c6 = TSimd.Fma(TSimd.Broadcast(a[o6]), b0, c6);
                c7 = TSimd.Fma(TSimd.Broadcast(a[o7]), b0, c7);
                a++;
                b += bStep;
            }
        }

        if (tile.Bias != null)
        {
            var b0 = TSimd.Load(tile.Bias);
            var scale = TSimd.Broadcast(tile.BiasScale[0]);
            c0 = TSimd.Fma(scale, b0, c0);
            scale = TSimd.Broadcast(tile.BiasScale[1]);
            c1 = TSimd.Fma(scale, b0, c1);
            scale = TSimd.Broadcast(tile.BiasScale[2]);
            c2 = TSimd.Fma(scale, b0, c2);
            scale = TSimd.Broadcast(tile.BiasScale[3]);
            c3 = TSimd.Fma(scale, b0, c3);
            scale = TSimd.Broadcast(tile.BiasScale[4]);
            c4 = TSimd.Fma(scale, b0, c4);
            scale = TSimd.Broadcast(tile.BiasScale[5]);
            c5 = TSimd.Fma(scale, b0, c5);
            scale = TSimd.Broadcast(tile.BiasScale[6]);
            c6 = TSimd.Fma(scale, b0, c6);
            scale = TSimd.Broadcast(tile.BiasScale[7]);
            c7 = TSimd.Fma(scale, b0, c7);
        }

        if (tile.Addend != null)
        {
            var at = tile.Addend;
            c0 = TSimd.Add(c0, TSimd.Load(at));
            at = tile.Addend + tile.AddendRows[1];
            c1 = TSimd.Add(c1, TSimd.Load(at));
            at = tile.Addend + tile.AddendRows[2];
            c2 = TSimd.Add(c2, TSimd.Load(at));
            at = tile.Addend + tile.AddendRows[3];
            c3 = TSimd.Add(c3, TSimd.Load(at));
            at = tile.Addend + tile.AddendRows[4];
            c4 = TSimd.Add(c4, TSimd.Load(at));
            at = tile.Addend + tile.AddendRows[5];
            c5 = TSimd.Add(c5, TSimd.Load(at));
            at = tile.Addend + tile.AddendRows[6];
            c6 = TSimd.Add(c6, TSimd.Load(at));
            at = tile.Addend + tile.AddendRows[7];
            c7 = TSimd.Add(c7, TSimd.Load(at));
        }

        var to = tile.C;
        TSimd.Store(to, c0);
        to = tile.C + tile.CRows[1];
        TSimd.Store(to, c1);
        to = tile.C + tile.CRows[2];
        TSimd.Store(to, c2);
        to = tile.C + tile.CRows[3];
        TSimd.Store(to, c3);
        to = tile.C + tile.CRows[4];
        TSimd.Store(to, c4);
        to = tile.C + tile.CRows[5];
        TSimd.Store(to, c5);
        to = tile.C + tile.CRows[6];
        TSimd.Store(to, c6);
        to = tile.C + tile.CRows[7];
        TSimd.Store(to, c7);
    }

    // A narrow B with two rows in one: twice the lanes at work, and neighbours are added at the end.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8xPairs(in Product p, in ProductTile tile)
    {
        float* a = tile.A, b = tile.B;
        var bStep = p.BRow;
        var ahead = p.Streams ? bStep * (p.Depth / 2) : 0;
        nint o1 = tile.ARows[1], o2 = tile.ARows[2], o3 = tile.ARows[3], o4 = tile.ARows[4];
        nint o5 = tile.ARows[5], o6 = tile.ARows[6], o7 = tile.ARows[7];
        TVector c0 = TSimd.Zero, c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
        for (var depth = p.Depth; depth > 0; depth -= 2)
        {
            Cache.Fetch(b + ahead);
            var b0 = TSimd.Load(b);
            c0 = TSimd.Fma(TSimd.BroadcastPair(a), b0, c0);
            c1 = TSimd.Fma(TSimd.BroadcastPair(a + o1), b0, c1);
            c2 = TSimd.Fma(TSimd.BroadcastPair(a + o2), b0, c2);
            c3 = TSimd.Fma(TSimd.BroadcastPair(a + o3), b0, c3);
            c4 = TSimd.Fma(TSimd.BroadcastPair(a + o4), b0, c4);
            c5 = TSimd.Fma(TSimd.BroadcastPair(a + o5), b0, c5);
            c6 = TSimd.Fma(TSimd.BroadcastPair(a + o6), b0, c6);
            c7 = TSimd.Fma(TSimd.BroadcastPair(a + o7), b0, c7);
            a += 2;
            b += bStep;
        }

        c0 = TSimd.SumPairs(c0);
        c1 = TSimd.SumPairs(c1);
        c2 = TSimd.SumPairs(c2);
        c3 = TSimd.SumPairs(c3);
        c4 = TSimd.SumPairs(c4);
        c5 = TSimd.SumPairs(c5);
        c6 = TSimd.SumPairs(c6);
        c7 = TSimd.SumPairs(c7);
        if (tile.Addend != null)
        {
            c0 = TSimd.Add(c0, TSimd.Load(tile.Addend));
            c1 = TSimd.Add(c1, TSimd.Load(tile.Addend + tile.AddendRows[1]));
            c2 = TSimd.Add(c2, TSimd.Load(tile.Addend + tile.AddendRows[2]));
            c3 = TSimd.Add(c3, TSimd.Load(tile.Addend + tile.AddendRows[3]));
            c4 = TSimd.Add(c4, TSimd.Load(tile.Addend + tile.AddendRows[4]));
            c5 = TSimd.Add(c5, TSimd.Load(tile.Addend + tile.AddendRows[5]));
            c6 = TSimd.Add(c6, TSimd.Load(tile.Addend + tile.AddendRows[6]));
            c7 = TSimd.Add(c7, TSimd.Load(tile.Addend + tile.AddendRows[7]));
        }

        TSimd.Store(tile.C, c0);
        TSimd.Store(tile.C + tile.CRows[1], c1);
        TSimd.Store(tile.C + tile.CRows[2], c2);
        TSimd.Store(tile.C + tile.CRows[3], c3);
        TSimd.Store(tile.C + tile.CRows[4], c4);
        TSimd.Store(tile.C + tile.CRows[5], c5);
        TSimd.Store(tile.C + tile.CRows[6], c6);
        TSimd.Store(tile.C + tile.CRows[7], c7);
    }
}
